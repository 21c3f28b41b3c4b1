/** The settings' sections in their order, by the names that addresses use. */
export const sections = [
  "profile",
  "password",
  "two-factor",
  "logins",
  "devices",
  "tokens",
  "usage",
  "appearance",
  "editor",
  "data",
] as const;

export type SectionId = (typeof sections)[number];
