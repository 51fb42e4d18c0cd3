import { createHash } from "node:crypto";
import type { Database } from "@obsqra/db";
import type { ResponseCache } from "@obsqra/platform";
import type { z } from "zod";
import { findDataVersion } from "./data-version.queries.ts";
import type { DataVersion } from "./served-data.fragments.ts";

/** What responding from the cache uses. */
export interface CachedResponseDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly marketSource: string;
  readonly cache: ResponseCache;
}

/** A response about the served source that is the same for everybody who asks. */
export interface SharedResponse<TResponse> {
  /** Such as `risk_history`. */
  readonly name: string;
  readonly input: object;
  readonly schema: z.ZodType<TResponse>;
}

/**
 * Responds from the cache for as long as the data is the same: new history, a decision about models, recorded outcomes or
 * a change of the registry make every process compute anew at once. The version is read first, so that a response is
 * never kept as one of newer data than it was computed from.
 *
 * @param compute may rest on nothing but the input and the data of the served source
 * @throws what `compute` throws; DatabaseUnavailableError
 */
export async function respondFromCache<TResponse>(
  deps: CachedResponseDependencies,
  response: SharedResponse<TResponse>,
  compute: () => Promise<TResponse>,
): Promise<TResponse> {
  const version = await findDataVersion(deps.db, { source: deps.marketSource, now: deps.clock() });
  return respondAtVersion(deps, { ...response, version }, compute);
}

/** A response may depend on the time besides, in minutes: forecasts run out. */
const minuteMs = 60_000;

/** All that responses about the served source depend on, as text: for those that are the same for everybody who asks. */
export async function versionOfServed({
  db,
  clock,
  marketSource,
}: Pick<CachedResponseDependencies, "db" | "clock" | "marketSource">): Promise<string> {
  const now = clock();
  const version = await findDataVersion(db, { source: marketSource, now });
  return JSON.stringify([version, Math.floor(now.getTime() / minuteMs)]);
}

/** The same for who has read the version already, with something else in one statement. */
export async function respondAtVersion<TResponse>(
  { marketSource, cache }: Pick<CachedResponseDependencies, "marketSource" | "cache">,
  { name, input, schema, version }: SharedResponse<TResponse> & { readonly version: DataVersion },
  compute: () => Promise<TResponse>,
): Promise<TResponse> {
  const facts = createHash("sha256")
    .update(JSON.stringify([marketSource, version, input]))
    .digest("base64url");
  return cache.getOrCompute(`${name}:${facts}`, schema, compute);
}
