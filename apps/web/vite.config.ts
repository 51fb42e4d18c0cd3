import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv, type Plugin } from "vite";
import { firstPageRead, pagePaths } from "./src/paths.ts";

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
    plugins: [react(), tellPaths(), loadFontEarly(), compileBeside()],
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

/** Has the font loaded with the script, instead of once something is written in it: text would move when it comes. */
function loadFontEarly(): Plugin {
  return {
    name: "font-preload",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle = {} }) =>
        Object.keys(bundle)
          .filter((name) => /\/inter-latin-wght-[^/]*\.woff2$/.test(name))
          .map((name) => ({
            tag: "link",
            attrs: { rel: "preload", as: "font", type: "font/woff2", crossorigin: true, href: `./${name}` },
            injectTo: "head",
          })),
    },
  };
}

/**
 * Has browsers compile the script of the first view whole while it comes, in a thread of its own, instead of each function when it is called first. A comment
 * says so to Chromium; to others it is one (https://v8.dev/blog/explicit-compile-hints).
 */
function compileBeside(): Plugin {
  return {
    name: "compile-beside",
    apply: "build",
    generateBundle: {
      // After Vite, which writes at the top what is to be preloaded.
      order: "post",
      handler: (_options, bundle) => {
        for (const file of Object.values(bundle))
          if (file.type === "chunk" && file.isEntry) file.code = `//# allFunctionsCalledOnLoad\n${file.code}`;
      },
    },
  };
}

/** Says beside the pages at which paths the server shows them, and what is read at each. */
function tellPaths(): Plugin {
  return {
    name: "page-paths",
    apply: "build",
    writeBundle: async ({ dir = "dist" }) => {
      const pages = pagePaths.map((path) => ({ path, reads: path === "/" ? [firstPageRead] : [] }));
      await writeFile(join(dir, "paths.json"), JSON.stringify(pages));
    },
  };
}
