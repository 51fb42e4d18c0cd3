import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";
import { servedImport } from "./served-data.fragments.ts";

/** A market that has lost its risk score lately. */
export interface DroppedMarketRow extends Omit<Row<Tables["dropped_markets"]>, "source"> {
  readonly protocol: string;
  readonly symbol: string;
}

/** Whether a market counts: its newest figures are so many days older than the newest day at most. */
const freshDays = 3;
/** A market that dropped out before so many days more is history. */
const recentDays = 30;

/**
 * Looks through the markets of a source for those that counted in the month before and do not any more, and keeps them.
 *
 * @returns those that did not before this import
 */
export async function replaceDroppedMarkets(
  trx: DatabaseTransaction,
  source: string,
): Promise<DroppedMarketRow[]> {
  const before = new Set((await listDroppedMarkets(trx, source)).map(({ market_id }) => market_id));
  await trx.deleteFrom("dropped_markets").where("source", "=", source).execute();
  await sql`
    with ${servedImport(source)}, oldest as materialized (
      select newest_day - make_interval(hours => ${24 * freshDays}::int) as fresh,
        newest_day - make_interval(hours => ${24 * (freshDays + recentDays)}::int) as recent
      from served_import
    )
    insert into dropped_markets (source, market_id, cause, last_scored_at, protocol_dropped)
    select ${source}, markets.id,
      case
        when exists (select from quarantined_markets where source = ${source} and market_id = markets.id)
          then 'quarantined'
        when exists (
          select from market_history
          where source = ${source} and market_id = markets.id and observed_at >= oldest.fresh
            and observed_at < (select newest_day + interval '24 hours' from served_import)
        ) then 'no_risk_score'
        else 'silent'
      end,
      scored.as_of,
      not exists (
        select from risk_history
        where source = ${source} and protocol = markets.protocol and as_of >= oldest.fresh
      )
    from oldest cross join markets cross join lateral (
      select as_of from risk_history where source = ${source} and market_id = markets.id order by as_of desc limit 1
    ) as scored
    where scored.as_of < oldest.fresh and scored.as_of >= oldest.recent`.execute(trx);
  return (await listDroppedMarkets(trx, source)).filter(({ market_id }) => !before.has(market_id));
}

/** The markets of a source that have lost their risk score lately, by id. */
async function listDroppedMarkets(db: Database, source: string): Promise<DroppedMarketRow[]> {
  return db
    .selectFrom("dropped_markets as dropped")
    .innerJoin("markets", "markets.id", "dropped.market_id")
    .select([
      "dropped.market_id",
      "markets.protocol",
      "markets.symbol",
      "dropped.cause",
      "dropped.last_scored_at",
      "dropped.protocol_dropped",
    ])
    .where("dropped.source", "=", source)
    .orderBy("dropped.market_id")
    .execute();
}
