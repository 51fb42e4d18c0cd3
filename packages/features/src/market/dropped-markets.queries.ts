import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { staleDays } from "@obsqra/ml";
import { type RawBuilder, sql } from "kysely";
import { arrayColumn } from "./array-column.ts";
import { type SourceNow, servedImport } from "./served-data.fragments.ts";

/** A market that has lost its risk score lately, or has none because its kind is unknown. */
export interface DroppedMarketRow extends Omit<Row<Tables["dropped_markets"]>, "source"> {
  readonly protocol: string;
  readonly symbol: string;
}

/** So many days after it dropped out, a market is history and named no more. */
const recentDays = 30;

/** When a market counted last, as far as the history told before it was imported anew. */
export interface ScoredMarketRow {
  readonly market_id: string;
  readonly as_of: Date;
}

/**
 * The markets of a source that count, or did in the month before. Asked before an import changes the history: a file that has a market
 * no more takes its risk figures along, and they alone tell that there were any.
 */
export async function listScoredMarkets(
  trx: DatabaseTransaction,
  { source, now }: SourceNow,
): Promise<ScoredMarketRow[]> {
  const { rows } = await sql<ScoredMarketRow>`
    with ${servedImport({ source, now })}, ${oldestDays}
    select scored.market_id, scored.as_of
    from oldest cross join markets cross join lateral (${newestScore(source)}) as scored
    where scored.as_of >= oldest.recent
    union all
    select market_id, last_scored_at from dropped_markets
    where source = ${source} and last_scored_at is not null`.execute(trx);
  return rows;
}

/**
 * Looks through the markets of a source for those that counted in the month before and do not any more, and for those that are observed
 * and cannot count because their kind is unknown, and keeps them.
 *
 * @param scoredBefore what `listScoredMarkets` told before the import
 * @returns those that did not before this import
 */
export async function replaceDroppedMarkets(
  trx: DatabaseTransaction,
  { source, now }: SourceNow,
  scoredBefore: readonly ScoredMarketRow[],
): Promise<DroppedMarketRow[]> {
  const before = new Set((await listDroppedMarkets(trx, source)).map(({ market_id }) => market_id));
  await trx.deleteFrom("dropped_markets").where("source", "=", source).execute();
  await sql`
    with ${servedImport({ source, now })}, ${oldestDays}, before as materialized (
      select market_id, max(as_of) as as_of
      from unnest(
        ${arrayColumn(scoredBefore, "text", (row) => row.market_id)},
        ${arrayColumn(scoredBefore, "timestamptz", (row) => row.as_of)}
      ) as scored (market_id, as_of)
      group by market_id
    )
    insert into dropped_markets (source, market_id, cause, last_scored_at, protocol_dropped)
    select ${source}, markets.id,
      case
        when exists (select from quarantined_markets where source = ${source} and market_id = markets.id)
          then 'quarantined'
        when ${isObserved(source)} then case markets.kind when 'unknown' then 'unknown_kind' else 'no_risk_score' end
        else 'silent'
      end,
      case when greatest(scored.as_of, before.as_of) >= oldest.recent
        then greatest(scored.as_of, before.as_of) end,
      coalesce(greatest(scored.as_of, before.as_of) >= oldest.recent, false) and not exists (
        select from risk_history
        where source = ${source} and protocol = markets.protocol and as_of >= oldest.fresh
          and as_of <= (select newest_day from served_import)
      )
    from oldest cross join markets
    left join before on before.market_id = markets.id
    left join lateral (${newestScore(source)}) as scored on true
    where (scored.as_of is null or scored.as_of < oldest.fresh)
      and (
        greatest(scored.as_of, before.as_of) >= oldest.recent
        or markets.kind = 'unknown' and ${isObserved(source)}
          and not exists (select from quarantined_markets where source = ${source} and market_id = markets.id)
      )`.execute(trx);
  return (await listDroppedMarkets(trx, source)).filter(({ market_id }) => !before.has(market_id));
}

/** Since when a market's newest figures count, and since when it is remembered that they did; for a `with` clause. */
const oldestDays = sql`oldest as materialized (
  select newest_day - make_interval(hours => ${24 * staleDays}::int) as fresh,
    newest_day - make_interval(hours => ${24 * (staleDays + recentDays)}::int) as recent
  from served_import
)`;

/** Whether a row of `markets` was observed on a day that counts. */
function isObserved(source: string): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select from market_history
    where source = ${source} and market_id = markets.id and observed_at >= oldest.fresh
      and observed_at < (select newest_day + interval '24 hours' from served_import)
  )`;
}

/** The newest risk score of a row of `markets`, with `served_import`. */
function newestScore(source: string): RawBuilder<unknown> {
  return sql`
    select market_id, as_of from risk_history
    where source = ${source} and market_id = markets.id and as_of <= (select newest_day from served_import)
    order by as_of desc limit 1`;
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
