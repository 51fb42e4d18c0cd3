import type { AnswerFacts } from "@obsqra/api";

/** How far each limit is used: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10). */
export function limitHeaders(_facts: AnswerFacts): Record<string, string> {
  return {};
}
