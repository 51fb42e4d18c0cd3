import { defineConfig } from "vitest/config";

/** Packages whose tests use a database; they run on both engines. The others run once. */
const databasePackages = [
  "packages/db",
  "packages/platform",
  "packages/features",
  "packages/openapi",
  "apps/server",
];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    maxWorkers: 2,
    // Node 24.21 was seen to crash while it freed WebAssembly code (`jit_page_->allocations_.erase`); PGlite makes much.
    execArgv: ["--no-wasm-code-gc"],
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/*/{src,test}/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: ["**/node_modules/**", ...databasePackages.map((folder) => `${folder}/**`)],
        },
      },
      databaseProject("pglite"),
      databaseProject("postgres"),
    ],
  },
});

function databaseProject(engine: "pglite" | "postgres") {
  return {
    extends: true as const,
    test: {
      name: engine,
      include: databasePackages.map((folder) => `${folder}/{src,test}/**/*.test.ts`),
      globalSetup: `packages/db/src/testing/${engine}-setup.ts`,
    },
  };
}
