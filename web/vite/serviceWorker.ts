import { gzipSync } from "node:zlib";
import { build, type Plugin, type Rolldown } from "vite";

type Bundle = Rolldown.OutputBundle;

/** Modules that are left to the network: large, seldom needed, or for few. */
const left = [
  "/pages/AdminPage/",
  "/pages/TerminalPage/Screen.tsx",
  "/components/markdown/mermaid.ts",
  "/components/markdown/Formula.tsx",
  "/lib/strength.ts",
  "/node_modules/@streamdown/code/",
];

/** What the worker may make a browser load: bytes as they are sent, compressed. */
const limit = 600_000;

/** Builds worker/sw.ts to /sw.js, with the list of files that it keeps. */
export function serviceWorker(): Plugin {
  return {
    name: "atrium:service-worker",
    apply: "build",
    async generateBundle(_options, bundle) {
      const files = kept(bundle);
      const bytes = files.reduce((sum, name) => sum + weight(bundle[name]), 0);
      const line = `the service worker keeps ${files.length} files, ${(bytes / 1000).toFixed(1)} kB of ${limit / 1000}`;
      if (bytes > limit) this.error(line);
      this.info(line);
      const list = JSON.stringify(files.map((name) => `/${name}`).sort());
      this.emitFile({
        type: "asset",
        fileName: "sw.js",
        source: `self.atriumFiles=${list};\n${await bundled()}`,
      });
    },
  };
}

/** The app's chunks from its page on, with their styles, and the fonts of western text. */
function kept(bundle: Bundle): string[] {
  const found = new Set<string>();
  const add = (name: string) => {
    const chunk = bundle[name];
    if (chunk?.type !== "chunk" || found.has(name)) return;
    if (left.some((module) => chunk.facadeModuleId?.includes(module))) return;
    found.add(name);
    for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
    for (const next of [...chunk.imports, ...chunk.dynamicImports]) add(next);
  };
  for (const [name, chunk] of Object.entries(bundle)) {
    if (chunk.type === "chunk" && chunk.facadeModuleId?.endsWith("/index.html")) add(name);
    if (/^assets\/(source-sans-3|jetbrains-mono)-latin-wght-normal.*\.woff2$/.test(name))
      found.add(name);
    if (/^assets\/(theme|icon)-.*\.(js|svg)$/.test(name)) found.add(name);
  }
  return [...found];
}

/** Fonts are compressed already. */
function weight(file: Bundle[string] | undefined): number {
  if (!file) return 0;
  const content = file.type === "chunk" ? file.code : file.source;
  return file.fileName.endsWith(".woff2") ? content.length : gzipSync(content).length;
}

async function bundled(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    build: {
      write: false,
      target: "es2023",
      lib: { entry: "worker/sw.ts", formats: ["iife"], name: "worker", fileName: "sw" },
    },
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
  });
  const [one] = Array.isArray(built) ? built : [built];
  if (!one || !("output" in one)) throw new Error("the service worker was not built");
  return one.output[0].code;
}
