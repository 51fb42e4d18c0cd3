import fc from "fast-check";
import { inject } from "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** Whether this is `pnpm test:long`, in which searches go further. */
    isLong: boolean;
    /** Where searches begin: the same in every `pnpm test`, another in each `pnpm test:long`, which prints it. */
    seed: number;
  }
}

fc.configureGlobal({ seed: inject("seed") });
