/** What files of a language usually end with. */
const endings: Record<string, string> = {
  bash: "sh",
  c: "c",
  cpp: "cpp",
  csharp: "cs",
  css: "css",
  go: "go",
  html: "html",
  java: "java",
  javascript: "js",
  json: "json",
  jsx: "jsx",
  kotlin: "kt",
  markdown: "md",
  mermaid: "mmd",
  php: "php",
  python: "py",
  ruby: "rb",
  rust: "rs",
  shell: "sh",
  sql: "sql",
  swift: "swift",
  toml: "toml",
  tsx: "tsx",
  typescript: "ts",
  yaml: "yaml",
};

const named = /^\s*(?:\/\/|#|--|<!--|\/\*)\s*(?:file(?:name)?:\s*)?([\w./-]+\.\w+)\b/i;

/** A name to begin with: the one in the code's first line, else one by its language. */
export function suggestName({ code, language }: { code: string; language: string }): string {
  const first = named.exec(code.slice(0, 200).split("\n")[0] ?? "")?.[1];
  if (first && !isBadPath(first)) return first;
  const known = language.toLowerCase();
  if (known === "dockerfile") return "Dockerfile";
  if (known === "makefile") return "Makefile";
  const ending = endings[known] ?? (/^[a-z0-9]{1,5}$/.test(known) ? known : "txt");
  return `snippet.${ending}`;
}

/** A path that leads out of the workspace, or to no file in it. */
export function isBadPath(path: string): boolean {
  const parts = path.split("/");
  return path === "" || parts.some((part) => part === "" || part === "." || part === "..");
}
