import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Frees what nothing refers to any more, now: V8 does by itself when memory runs short or after seconds of idleness. It holds up
 * everything else for some 100 ms, so that nobody may be served yet.
 */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  // Safe: with that flag, each new context has it.
  const collect = runInNewContext("gc") as (how: { readonly type: string; readonly flavor: string }) => void;
  setFlagsFromString("--no-expose-gc");
  // Only this flavor gives the system the pages that are empty then.
  collect({ type: "major", flavor: "last-resort" });
}
