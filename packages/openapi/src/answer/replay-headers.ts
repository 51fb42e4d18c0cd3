import type { AnswerFacts } from "@obsqra/api";

/** Whether this is the answer of an earlier request with the same idempotency key. */
export function replayHeaders({ isReplayed }: AnswerFacts): Record<string, string> {
  return isReplayed ? { "idempotent-replayed": "true" } : {};
}
