import type { AnswerFacts } from "@obsqra/api";
import type { Endpoint } from "@obsqra/contract";
import { cacheHeaders } from "./cache-headers.ts";
import { deprecationHeaders } from "./deprecation-headers.ts";
import { limitHeaders } from "./limit-headers.ts";
import { replayHeaders } from "./replay-headers.ts";

/** The headers of an answer to one or, in a batch, several endpoints: the same on REST and tRPC. */
export function answerHeaders(facts: AnswerFacts, endpoints: readonly Endpoint[]): Record<string, string> {
  return {
    ...cacheHeaders(endpoints),
    ...limitHeaders(facts),
    ...replayHeaders(facts),
    ...deprecationHeaders(endpoints),
  };
}
