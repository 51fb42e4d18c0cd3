import type { Check, Verification } from "./check.ts";

/** What all checks together come to. */
export function judge(checks: readonly Check[]): Verification["verdict"] {
  const has = (wanted: Check["state"], of?: Check["name"]) =>
    checks.some(({ name, state }) => state === wanted && (of === undefined || name === of));
  if (has("failed")) return "failed";
  // Without a forecast in the range nothing was checked that the question was about.
  if (has("unreadable") || has("not_checked", "omissions")) return "not_checked";
  return has("passed", "time") || has("passed", "anchor") ? "witnessed" : "self_attested";
}
