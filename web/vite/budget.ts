import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

type Bundle = Rolldown.OutputBundle;
type Chunk = Rolldown.OutputChunk;

/** What a page's first load may weigh: bytes of script, each file gzipped by itself. */
const pageLimit = 200_000;

/** Parts of pages that are not named in the router but loaded together with them. */
const partsOfPages = ["/pages/ChatPage/Conversation.tsx"];

/** What comes after the page, by its own limit: what it may add to a page that has begun. */
const lateLimits = { "/components/markdown/Markdown.tsx": 22_000 };

/**
 * Fails the build when a page has become too heavy. Pages are what the router
 * imports; one that lies in a folder of another's is shown inside of it.
 */
export function budget(): Plugin {
  return {
    name: "atrium:budget",
    apply: "build",
    generateBundle(_options, bundle) {
      const router = [...this.getModuleIds()].find((id) => id.endsWith("/src/router.tsx"));
      const pages = (router && this.getModuleInfo(router)?.dynamicallyImportedIds) || [];
      if (pages.length === 0) this.error("the budget finds no pages in src/router.tsx");
      const begun = [
        ...pages,
        ...[...this.getModuleIds()].filter((id) => partsOfPages.some((part) => id.endsWith(part))),
      ];
      const over: string[] = [];
      const check = (id: string, weight: number, limit: number) => {
        const line = `${id.split("/src/")[1]}: ${(weight / 1000).toFixed(1)} kB of ${limit / 1000}`;
        if (weight > limit) over.push(line);
        else this.info(line);
      };
      for (const id of begun) {
        const around = pages.filter((other) => id.startsWith(`${dirname(other)}/`));
        check(id, weigh(load(bundle, ["/index.html", id, ...around])), pageLimit);
      }
      const shell = load(bundle, ["/index.html", ...begun]);
      for (const [part, limit] of Object.entries(lateLimits)) {
        const late = [...load(bundle, [part])].filter((chunk) => !shell.has(chunk));
        check(`/src${part}`, weigh(late), limit);
      }
      if (over.length > 0) this.error(`too much script, gzipped:\n${over.join("\n")}`);
    },
  };
}

/** The chunks that are there once the given modules are. */
function load(bundle: Bundle, modules: string[]): Set<Chunk> {
  const found = new Set<Chunk>();
  const add = (chunk: Rolldown.OutputAsset | Chunk | undefined) => {
    if (chunk?.type !== "chunk" || found.has(chunk)) return;
    found.add(chunk);
    for (const name of chunk.imports) add(bundle[name]);
  };
  for (const module of modules) {
    const chunk = Object.values(bundle).find(
      (one) => one.type === "chunk" && one.facadeModuleId?.endsWith(module),
    );
    if (!chunk) throw new Error(`the budget finds no chunk that begins with ${module}`);
    add(chunk);
  }
  return found;
}

function weigh(chunks: Iterable<Chunk>): number {
  let bytes = 0;
  for (const { code } of chunks) bytes += gzipSync(code).length;
  return bytes;
}
