import { createHash } from "node:crypto";
import type { Database } from "@obsqra/db";
import type { ResponseCache } from "@obsqra/platform";
import type { z } from "zod";
import { findDataVersion } from "./data-version.queries.ts";

/** What answering from the cache uses. */
export interface CachedAnswerDependencies {
  readonly db: Database;
  readonly marketSource: string;
  readonly cache: ResponseCache;
}

/** A question about the served source whose answer is the same for everybody who asks. */
export interface CachedQuestion<TAnswer> {
  /** Such as `risk_history`. */
  readonly name: string;
  readonly input: object;
  readonly answer: z.ZodType<TAnswer>;
}

/**
 * Answers from the cache for as long as the data is the same: new history, a decision about models, recorded outcomes or
 * a change of the registry make every process compute anew at once. The version is read first, so that an answer is
 * never kept as one of newer data than it was computed from.
 *
 * @param compute may rest on nothing but the input and the data of the served source
 * @throws what `compute` throws; DatabaseUnavailableError
 */
export async function answerFromCache<TAnswer>(
  { db, marketSource, cache }: CachedAnswerDependencies,
  { name, input, answer }: CachedQuestion<TAnswer>,
  compute: () => Promise<TAnswer>,
): Promise<TAnswer> {
  const version = await findDataVersion(db, marketSource);
  const facts = createHash("sha256")
    .update(JSON.stringify([marketSource, version, input]))
    .digest("base64url");
  return cache.getOrCompute(`${name}:${facts}`, answer, compute);
}
