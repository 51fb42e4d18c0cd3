import type { AnswerFacts, LimitState } from "@obsqra/api";

/**
 * How far each limit is used, as structured field lists: `RateLimit-Policy: "user";q=600;w=60` and
 * `RateLimit: "user";r=599;t=60` (draft-ietf-httpapi-ratelimit-headers-10).
 */
export function limitHeaders({ limits }: AnswerFacts): Record<string, string> {
  if (limits.size === 0) return {};
  const list = (item: (state: LimitState) => string) => [...limits.values()].map(item).join(", ");
  return {
    "ratelimit-policy": list(
      ({ policy, quota, window_seconds }) => `"${policy}";q=${quota};w=${window_seconds}`,
    ),
    ratelimit: list(
      ({ policy, remaining, reset_seconds }) => `"${policy}";r=${remaining};t=${reset_seconds}`,
    ),
  };
}
