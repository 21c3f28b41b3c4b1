import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { budget } from "./vite/budget.ts";
import { serviceWorker } from "./vite/serviceWorker.ts";
import { themeBoot } from "./vite/themeBoot.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const gateway = process.env.ATRIUM_GATEWAY ?? "http://127.0.0.1:8080";

/** Our own modules, and the libraries that every page stands on. */
const shared =
  /web\/src\/|node_modules\/(react|react-dom|scheduler|@tanstack|i18next|react-i18next|use-sync-external-store|openapi-fetch|clsx|lucide-react|@radix-ui\/react-(slot|compose-refs))\//;

export default defineConfig({
  plugins: [react(), tailwindcss(), themeBoot(), budget(), serviceWorker()],
  // The gateway puts the nonce of each answer in its place; the policy lets run what bears it.
  html: { cspNonce: "ATRIUM_NONCE" },
  resolve: {
    alias: {
      "@": here("./src"),
    },
  },
  experimental: {
    // The gateway says where the page finds what it begins with; from there on
    // each file finds the others beside itself.
    renderBuiltUrl: (filename, { hostType }) =>
      hostType === "html" ? `ATRIUM_ASSETS/${filename}` : { relative: true },
  },
  build: {
    target: "es2023",
    outDir: "dist",
    assetsDir: "assets",
    // Nothing becomes a data: URL, so that the content security policy can stay at 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: here("index.html"), "api-docs": here("api-docs.html") },
      // What most pages share is one file: it packs better than dozens of small ones.
      output: { codeSplitting: { groups: [{ name: "base", test: shared, minShareCount: 16 }] } },
    },
    // Diagrams and the API page, both loaded on their own, are larger than the default warning.
    chunkSizeWarningLimit: 1600,
  },
  server: {
    proxy: {
      "/api": { target: gateway, changeOrigin: false },
      "/ide/ws": { target: gateway, changeOrigin: false, ws: true },
      "/chat/ws": { target: gateway, changeOrigin: false, ws: true },
    },
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
