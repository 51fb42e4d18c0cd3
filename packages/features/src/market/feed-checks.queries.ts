import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";
import type { KnownMarket } from "./feed-checks.ts";

/** A market of which nothing is taken for now. */
export type QuarantinedMarketRow = Omit<Row<Tables["quarantined_markets"]>, "source">;
/** Why a feed is not loaded. */
export type FeedFailureRow = Row<Tables["market_feed_failures"]>;

/**
 * The newest that is stored of each market of a source, observed by a moment: earlier versions stored rows of the future, beside which
 * nothing could be judged.
 */
export async function listKnownMarkets(
  db: Database,
  { source, until }: { readonly source: string; readonly until: Date },
): Promise<KnownMarket[]> {
  const { rows } = await sql<KnownMarket>`
    select markets.id as market_id, newest.observed_at, newest.tvl_usd, newest.apy, newest.quality,
      exists (
        select from market_history
        where source = ${source} and market_id = markets.id and utilization is not null
          and observed_at > newest.observed_at - interval '720 hours'
      ) as has_utilization
    from markets cross join lateral (
      select observed_at, tvl_usd, apy, quality from market_history
      where source = ${source} and market_id = markets.id and observed_at <= ${until}
      order by observed_at desc limit 1
    ) as newest`.execute(db);
  return rows;
}

/** The markets of a source of which nothing is taken for now, by id. */
export async function listQuarantinedMarkets(db: Database, source: string): Promise<QuarantinedMarketRow[]> {
  return db
    .selectFrom("quarantined_markets")
    .select(["market_id", "protocol", "symbol", "cause", "reason", "since"])
    .where("source", "=", source)
    .orderBy("market_id")
    .execute();
}

/** Says of which markets of a source nothing is taken from now on. */
export async function replaceQuarantinedMarkets(
  trx: DatabaseTransaction,
  source: string,
  rows: readonly QuarantinedMarketRow[],
): Promise<void> {
  await trx.deleteFrom("quarantined_markets").where("source", "=", source).execute();
  if (rows.length === 0) return;
  await trx
    .insertInto("quarantined_markets")
    .values(rows.map((row) => ({ ...row, source })))
    .execute();
}

/** Why a source is not loaded; undefined while it is. */
export async function findFeedFailure(db: Database, source: string): Promise<FeedFailureRow | undefined> {
  return db
    .selectFrom("market_feed_failures")
    .select(["source", "since", "code", "reason", "content_sha256", "reading"])
    .where("source", "=", source)
    .executeTakeFirst();
}

/** Keeps why a feed is not loaded; since when stays as it is while it fails. */
export async function upsertFeedFailure(db: Database, row: FeedFailureRow): Promise<void> {
  await db
    .insertInto("market_feed_failures")
    .values(row)
    .onConflict((conflict) =>
      conflict.column("source").doUpdateSet(({ ref }) => ({
        code: ref("excluded.code"),
        reason: ref("excluded.reason"),
        content_sha256: ref("excluded.content_sha256"),
        reading: ref("excluded.reading"),
      })),
    )
    .execute();
}

export async function deleteFeedFailure(db: Database, source: string): Promise<void> {
  await db.deleteFrom("market_feed_failures").where("source", "=", source).execute();
}

/** Notes that what a source has is taken as it is, the next time that it is loaded. */
export async function upsertFeedAcceptance(db: Database, source: string, acceptedAt: Date): Promise<void> {
  await db
    .insertInto("market_feed_acceptances")
    .values({ source, accepted_at: acceptedAt })
    .onConflict((conflict) => conflict.column("source").doUpdateSet({ accepted_at: acceptedAt }))
    .execute();
}

export async function isFeedAccepted(db: Database, source: string): Promise<boolean> {
  const row = await db
    .selectFrom("market_feed_acceptances")
    .select("source")
    .where("source", "=", source)
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes the note, which counts once. @returns false when there is none */
export async function takeFeedAcceptance(db: Database, source: string): Promise<boolean> {
  const taken = await db
    .deleteFrom("market_feed_acceptances")
    .where("source", "=", source)
    .executeTakeFirst();
  return taken.numDeletedRows > 0n;
}
