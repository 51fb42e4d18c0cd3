import type { Check, Verification } from "./check.ts";

/** What all checks together come to. */
export function judge(checks: readonly Check[]): Verification["verdict"] {
  if (checks.some(({ state }) => state === "failed")) return "failed";
  const isWitnessed = checks.some(({ name, state }) => name === "time" && state === "passed");
  return isWitnessed ? "witnessed" : "self_attested";
}
