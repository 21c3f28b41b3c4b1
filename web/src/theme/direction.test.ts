import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

// Pages are laid out by where lines begin and end, so that they can be turned
// around for languages that are written from right to left.
const physicalClass =
  /(?<=[\s"'`:!])-?(?:scroll-)?(?:[mp][lr]|left|right|(?:border|rounded)-(?:[lr]|[tb][lr])|(?:text|float|clear)-(?:left|right))(?:-[\w./[\]%()-]+)?!?(?=[\s"'`])/g;
const physicalProperty =
  /(?:^|[\s;{])(?:(?:margin|padding|border|inset)-(?:left|right)[\w-]*|left|right)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)/g;

/** Words that may stand in a class list, but not alone: "left" as a value of code is no class. */
const isClass = (found: string) => /-\S/.test(found);

const files = readdirSync("src", { recursive: true, encoding: "utf8" });

it("no class says left or right", () => {
  const found: string[] = [];
  for (const file of files.filter((name) => /(?<!\.test)\.tsx$/.test(name))) {
    const code = readFileSync(`src/${file}`, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    for (const [text] of code.matchAll(physicalClass))
      if (isClass(text)) found.push(`${file}: ${text}`);
  }
  expect(found).toEqual([]);
});

it("no style sheet says left or right", () => {
  const found: string[] = [];
  for (const file of files.filter((name) => name.endsWith(".css"))) {
    const css = readFileSync(`src/${file}`, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    for (const [text] of css.matchAll(physicalProperty)) found.push(`${file}: ${text.trim()}`);
  }
  expect(found).toEqual([]);
});

it("the patterns find what they are for", () => {
  const classes =
    ' "ml-2 -mr-1.5 sm:pl-11 left-1/2 border-l-2 rounded-br-sm text-left max-md:right-0 " ';
  expect([...classes.matchAll(physicalClass)].filter(([one]) => isClass(one))).toHaveLength(8);
  const logical = ' "ms-2 -me-1.5 ps-11 start-0 border-s rounded-ee-sm text-start inset-x-0 px-2" ';
  expect([...logical.matchAll(physicalClass)].filter(([one]) => isClass(one))).toEqual([]);
  expect([
    ..." a { left: 0; text-align: right; margin-left: 1px }".matchAll(physicalProperty),
  ]).toHaveLength(3);
});
