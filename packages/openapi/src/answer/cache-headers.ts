import type { Endpoint } from "@obsqra/contract";

/** Answers belong to one user: no cache on the way may keep them. */
export function cacheHeaders(_endpoints: readonly Endpoint[]): Record<string, string> {
  return { "cache-control": "no-store" };
}
