import type { Check, Verification } from "./check.ts";

/**
 * What all checks together come to.
 *
 * @param required without which nothing was checked that the question was about
 */
export function judge(checks: readonly Check[], required: readonly Check["name"][]): Verification["verdict"] {
  const has = (wanted: Check["state"], of?: Check["name"]) =>
    checks.some(({ name, state }) => state === wanted && (of === undefined || name === of));
  if (has("failed")) return "failed";
  if (has("unreadable") || required.some((name) => has("not_checked", name))) return "not_checked";
  return has("passed", "time") || has("passed", "anchor") ? "witnessed" : "self_attested";
}
