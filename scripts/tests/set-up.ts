import fc from "fast-check";
import { afterAll, inject } from "vitest";
import { readProcessorTimeMs } from "./processor-time.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Whether this is `pnpm test:long`, in which searches go further. */
    isLong: boolean;
    /** Where searches begin: the same in every `pnpm test`, another in each `pnpm test:long`, which prints it. */
    seed: number;
  }

  interface TaskMeta {
    /** The processor time that a test file has used with its imports, in milliseconds. */
    processorTimeMs?: number;
  }
}

fc.configureGlobal({ seed: inject("seed") });

// This runs before each file is imported.
const before = readProcessorTimeMs();
// biome-ignore lint/correctness/noEmptyPattern: Vitest wants the first parameter to be taken apart.
afterAll(({}, file) => {
  file.meta.processorTimeMs = readProcessorTimeMs() - before;
});
