import type { Endpoint } from "@obsqra/contract";

/**
 * Only the user's own cache may keep the answer, and it has to ask each time whether the answer is still the same.
 * `revalidateAnswer` makes that possible.
 */
export const revalidated = "private, no-cache";

/** Answers belong to one user, and most change: no cache may keep them, unless every endpoint says otherwise. */
export function cacheHeaders(endpoints: readonly Endpoint[]): Record<string, string> {
  const all = endpoints.length > 0 && endpoints.every((endpoint) => endpoint.revalidates);
  return { "cache-control": all ? revalidated : "no-store" };
}
