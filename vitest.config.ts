import { defineConfig } from "vitest/config";
import { findTestFiles } from "./scripts/tests/find-test-files.ts";

export default defineConfig(({ mode }) => {
  const isLong = mode === "long";
  const files = findTestFiles({ isLong });
  return {
    test: {
      // For what hangs. What only takes longer on a loaded machine must not fail.
      testTimeout: 300_000,
      hookTimeout: 300_000,
      maxWorkers: 2,
      // Loading the sources and compiling PGlite cost more than most files do: a worker does both once. Modules have no
      // state by house style, so that files have nothing to share.
      isolate: false,
      // Node 24.21 was seen to crash while it freed WebAssembly code (`jit_page_->allocations_.erase`); PGlite makes much.
      execArgv: ["--no-wasm-code-gc"],
      setupFiles: ["scripts/tests/set-up.ts"],
      // Here and in every `pnpm test` the same; `pnpm test:long` gives another.
      provide: { isLong, seed: 20261123 },
      projects: [
        { extends: true as const, test: { name: "unit", include: [...files.unit] } },
        databaseProject("pglite", files.pglite),
        databaseProject("postgres", files.postgres),
      ],
    },
  };
});

function databaseProject(engine: "pglite" | "postgres", files: readonly string[]) {
  return {
    extends: true as const,
    test: {
      name: engine,
      include: [...files],
      globalSetup: `packages/features/src/testing/setup/${engine}-setup.ts`,
    },
  };
}
