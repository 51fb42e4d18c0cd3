import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv, type Plugin } from "vite";
import { pagePaths } from "./src/paths.ts";

/** What the server has that is no page: in development all of it is asked of a running one. */
const servedElsewhere = [
  "/trpc",
  "/api",
  "/log",
  "/docs",
  "/openapi.json",
  "/llms",
  "/errors",
  "/health",
  "/ready",
];

export default defineConfig(({ mode }) => {
  const { OBSQRA_URL = "http://localhost:8000" } = loadEnv(mode, import.meta.dirname, "OBSQRA_");
  return {
    root: import.meta.dirname,
    // The server says where it is: below a path, where a proxy has it there.
    base: "./",
    plugins: [react(), tellPaths()],
    build: {
      target: "es2023",
      // A policy without `data:` for scripts and fonts; what is small is one request more.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // The first view is measured in gzip, by a test.
      chunkSizeWarningLimit: 700,
      license: { fileName: "licences.md" },
    },
    server: {
      proxy: Object.fromEntries(servedElsewhere.map((path) => [path, { target: OBSQRA_URL, ws: true }])),
    },
  };
});

/** Says beside the pages at which paths the server shows them. */
function tellPaths(): Plugin {
  return {
    name: "page-paths",
    apply: "build",
    writeBundle: async ({ dir = "dist" }) => {
      await writeFile(join(dir, "paths.json"), JSON.stringify(pagePaths));
    },
  };
}
