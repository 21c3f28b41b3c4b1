import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const source = "src/theme/boot.js";

/**
 * Puts the theme's boot code into <head> as a blocking script of its own.
 *
 * Bundled scripts are modules, which run after the first paint: the page would
 * flash in the wrong colours. An inline script would need a CSP exception.
 */
export function themeBoot(): Plugin {
  let ref: string | undefined;
  return {
    name: "atrium:theme-boot",
    buildStart() {
      if (this.environment.mode !== "build") return;
      ref = this.emitFile({
        type: "asset",
        name: "theme.js",
        source: readFileSync(source, "utf8"),
      });
    },
    transformIndexHtml: {
      order: "post",
      handler(_html, ctx) {
        const built = Object.values(ctx.bundle ?? {}).find(
          (file) => file.type === "asset" && file.names.includes("theme.js"),
        );
        const src = ref && built ? `ATRIUM_ASSETS/${built.fileName}` : `/${source}`;
        return [{ tag: "script", attrs: { src, crossorigin: true }, injectTo: "head-prepend" }];
      },
    },
  };
}
