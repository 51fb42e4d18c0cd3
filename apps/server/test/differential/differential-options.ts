import type { Walk } from "./run-differential.ts";

/** What `pnpm differential` tells the test to do. */
interface DifferentialOptions {
  readonly walks: readonly Walk[];
}

declare module "vitest" {
  interface ProvidedContext {
    /** Undefined in the normal suite. */
    differential: DifferentialOptions | undefined;
  }
}
