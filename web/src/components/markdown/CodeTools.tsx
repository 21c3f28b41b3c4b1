import { type ComponentType, createContext } from "react";

/** A block of code, as what stands around the text may want to use it. */
export type Code = { code: string; language: string };

/** What the page adds to the tools of every block of code; nothing by itself. */
export const CodeTools = createContext<ComponentType<Code> | null>(null);
