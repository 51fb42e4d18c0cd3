import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";
import { arrayColumn } from "./array-column.ts";
import type { SeriesObservation } from "./market-series.ts";

/** An observation of a market. */
export type ObservationRow = Omit<Row<Tables["market_history"]>, "source" | "fetched_at" | "import_id">;

/** What rows have in common that one load of a source brings. */
export interface LoadedRows {
  readonly source: string;
  readonly fetched_at: Date;
  readonly import_id: string;
}

/** What is known of the rows that are stored when an import begins. */
export interface StoredUntil {
  /** What was observed before is of days that were over when they were loaded last. */
  readonly finalBefore: Date;
}

/** What an import has done to the rows of a market. */
export interface MarketChange {
  readonly market_id: string;
  /** The earliest observation that was added, replaced or removed. */
  readonly changed_from: Date;
  readonly added: number;
  /** Replaced or removed on days that were over: the earlier rows are revisions now. */
  readonly revised: number;
  /** Replaced or removed on a day that was still going on. */
  readonly provisional: number;
}

const values = sql.raw(
  "tvl_usd, apy, apy_base, apy_reward, apy_base_borrow, utilization, frozen, paused, quality",
);
/** The same columns by the name of their table, where a statement has two with these. */
const valuesOf = (table: "stored" | "incoming" | "news") =>
  sql.raw(
    `${table}.tvl_usd, ${table}.apy, ${table}.apy_base, ${table}.apy_reward, ${table}.apy_base_borrow, ` +
      `${table}.utilization, ${table}.frozen, ${table}.paused, ${table}.quality`,
  );

/** Adds observations of a source of which nothing is stored. A statement per batch, not per row. */
export async function insertMarketHistory(
  db: Database,
  { source, fetched_at, import_id }: LoadedRows,
  rows: readonly ObservationRow[],
): Promise<void> {
  await sql`
    insert into market_history (market_id, source, observed_at, ${values}, fetched_at, import_id)
    select market_id, cast(${source} as text), observed_at, ${values}, cast(${fetched_at} as timestamptz),
      cast(${import_id} as uuid)
    from (${incomingRows(rows)}) as incoming`.execute(db);
}

/**
 * Writes what is new among observations, and nothing else: adds the ones that are not stored, and replaces those that say something
 * else. What was known of a day that was over is kept as a revision.
 *
 * @returns the markets of which something was written
 */
export async function writeNewObservations(
  trx: DatabaseTransaction,
  { source, fetched_at, import_id, finalBefore }: LoadedRows & StoredUntil,
  rows: readonly ObservationRow[],
): Promise<MarketChange[]> {
  const markets = [...new Set(rows.map(({ market_id }) => market_id))];
  const times = rows.map(({ observed_at }) => observed_at.getTime());
  const [first, last] = times.reduce<[number, number]>(
    ([least, most], time) => [Math.min(least, time), Math.max(most, time)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const { rows: changes } = await sql<MarketChange>`
    with incoming as materialized (${incomingRows(rows)}),
    -- Next to each other in the index, so that they are read at once and not looked up one by one.
    stored as materialized (
      select market_id, observed_at, ${values}, fetched_at, import_id from market_history
      where source = ${source} and market_id = any(${arrayColumn(markets, "text", (id) => id)})
        and observed_at between ${new Date(first)} and ${new Date(last)}
    ),
    news as materialized (
      select incoming.market_id, incoming.observed_at, ${valuesOf("incoming")},
        stored.market_id is not null as is_stored, stored.observed_at < ${finalBefore} as is_final
      from incoming left join stored using (market_id, observed_at)
      where stored.market_id is null or (${valuesOf("stored")}) is distinct from (${valuesOf("incoming")})
    ),
    revised as (
      insert into market_history_revisions (market_id, source, observed_at, ${values}, fetched_at, import_id, replaced_by)
      select market_id, cast(${source} as text), observed_at, ${valuesOf("stored")}, stored.fetched_at,
        stored.import_id, cast(${import_id} as uuid)
      from stored join news using (market_id, observed_at) where news.is_final
    ),
    replaced as (
      update market_history as target
      set (${values}, fetched_at, import_id) =
        row(${valuesOf("news")}, cast(${fetched_at} as timestamptz), cast(${import_id} as uuid))
      from news
      where news.is_stored and target.source = ${source} and target.market_id = news.market_id
        and target.observed_at = news.observed_at
    ),
    added as (
      insert into market_history (market_id, source, observed_at, ${values}, fetched_at, import_id)
      select market_id, cast(${source} as text), observed_at, ${values}, cast(${fetched_at} as timestamptz),
        cast(${import_id} as uuid)
      from news where not is_stored
    )
    select market_id, min(observed_at) as changed_from,
      cast(count(*) filter (where not is_stored) as integer) as added,
      cast(count(*) filter (where is_stored and is_final) as integer) as revised,
      cast(count(*) filter (where is_stored and not is_final) as integer) as provisional
    from news group by market_id`.execute(trx);
  return changes;
}

/** How many observations are stored of each of these markets; those of which there are none are left out. */
export async function countObservations(
  db: Database,
  source: string,
  marketIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ market_id: string; n: number }>`
    select market_id, cast(count(*) as integer) as n from market_history
    where source = ${source} and market_id = any(${arrayColumn(marketIds, "text", (id) => id)})
    group by market_id`.execute(db);
  return new Map(rows.map(({ market_id, n }) => [market_id, n]));
}

/**
 * Removes what is stored of markets besides some observations. What was known of days that were over is kept as revisions.
 *
 * @returns the markets of which something was removed
 */
export async function removeObservations(
  trx: DatabaseTransaction,
  { source, import_id, finalBefore }: Omit<LoadedRows, "fetched_at"> & StoredUntil,
  {
    marketIds,
    kept,
  }: {
    readonly marketIds: readonly string[];
    readonly kept: readonly Pick<ObservationRow, "market_id" | "observed_at">[];
  },
): Promise<MarketChange[]> {
  const { rows: changes } = await sql<MarketChange>`
    with kept as materialized (
      select * from unnest(
        ${arrayColumn(kept, "text", (row) => row.market_id)},
        ${arrayColumn(kept, "timestamptz", (row) => row.observed_at)}
      ) as row (market_id, observed_at)
    ),
    gone as materialized (
      select market_id, observed_at, ${values}, fetched_at, import_id, observed_at < ${finalBefore} as is_final
      from market_history as stored
      where source = ${source} and market_id = any(${arrayColumn(marketIds, "text", (id) => id)})
        and not exists (
          select from kept where kept.market_id = stored.market_id and kept.observed_at = stored.observed_at
        )
    ),
    revised as (
      insert into market_history_revisions (market_id, source, observed_at, ${values}, fetched_at, import_id, replaced_by)
      select market_id, cast(${source} as text), observed_at, ${values}, fetched_at, import_id, cast(${import_id} as uuid)
      from gone where is_final
    ),
    removed as (
      delete from market_history as target using gone
      where target.source = ${source} and target.market_id = gone.market_id and target.observed_at = gone.observed_at
    )
    select market_id, min(observed_at) as changed_from, 0 as added,
      cast(count(*) filter (where is_final) as integer) as revised,
      cast(count(*) filter (where not is_final) as integer) as provisional
    from gone group by market_id`.execute(trx);
  return changes;
}

/** Every market that a source has observed. */
export async function listObservedMarkets(db: Database, source: string): Promise<string[]> {
  const rows = await db
    .selectFrom("markets")
    .select("markets.id")
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom("market_history")
          .select("market_history.market_id")
          .where("market_history.source", "=", source)
          .whereRef("market_history.market_id", "=", "markets.id"),
      ),
    )
    .execute();
  return rows.map(({ id }) => id);
}

/** Observations of some markets of a source from before a moment, by market and time. */
export async function listObservations(
  db: Database,
  { source, before }: { readonly source: string; readonly before: Date },
  marketIds: readonly string[],
): Promise<(SeriesObservation & { market_id: string })[]> {
  return db
    .selectFrom("market_history")
    .select([
      "market_id",
      "observed_at",
      "tvl_usd",
      "apy",
      "apy_base",
      "apy_reward",
      "utilization",
      "frozen",
      "paused",
      "quality",
    ])
    .where("source", "=", source)
    .where("market_id", "in", marketIds)
    .where("observed_at", "<", before)
    .orderBy("market_id")
    .orderBy("observed_at")
    .execute();
}

/**
 * Observations of some markets as an import of their source knew them, by market and time: those that it or an earlier one brought,
 * and that none up to it has replaced or removed, of days that were over by then.
 */
export async function listKnownObservations(
  db: Database,
  importId: string,
  marketIds: readonly string[],
): Promise<(SeriesObservation & { market_id: string })[]> {
  const { rows } = await sql<SeriesObservation & { market_id: string }>`
    with asked as materialized (select source, sequence, fetched_at from market_imports where id = ${importId})
    select market_id, observed_at, tvl_usd, apy, apy_base, apy_reward, utilization, frozen, paused, quality
    from asked cross join lateral (
      select market_id, observed_at, ${values}, import_id, cast(null as uuid) as replaced_by from market_history
      where source = asked.source and market_id = any(${arrayColumn(marketIds, "text", (id) => id)})
      union all
      select market_id, observed_at, ${values}, import_id, replaced_by from market_history_revisions
      where source = asked.source and market_id = any(${arrayColumn(marketIds, "text", (id) => id)})
    ) as version
    left join market_imports as brought on brought.id = version.import_id
    left join market_imports as replacing on replacing.id = version.replaced_by
    where (brought.sequence is null or brought.sequence <= asked.sequence)
      and (replacing.sequence is null or replacing.sequence > asked.sequence)
      and observed_at < date_trunc('day', asked.fetched_at, 'UTC')
    order by market_id, observed_at`.execute(db);
  return rows;
}

function incomingRows(rows: readonly ObservationRow[]): RawBuilder<unknown> {
  return sql`select market_id, observed_at, tvl_usd, apy, apy_base, apy_reward, apy_base_borrow, utilization, frozen,
      paused, cast(quality as text[]) as quality
    from unnest(
      ${arrayColumn(rows, "text", (row) => row.market_id)},
      ${arrayColumn(rows, "timestamptz", (row) => row.observed_at)},
      ${arrayColumn(rows, "float8", (row) => row.tvl_usd)},
      ${arrayColumn(rows, "float8", (row) => row.apy)},
      ${arrayColumn(rows, "float8", (row) => row.apy_base)},
      ${arrayColumn(rows, "float8", (row) => row.apy_reward)},
      ${arrayColumn(rows, "float8", (row) => row.apy_base_borrow)},
      ${arrayColumn(rows, "float8", (row) => row.utilization)},
      ${arrayColumn(rows, "boolean", (row) => row.frozen)},
      ${arrayColumn(rows, "boolean", (row) => row.paused)},
      ${arrayColumn(rows, "text", (row) => `{${row.quality.join(",")}}`)}
    ) as row (market_id, observed_at, tvl_usd, apy, apy_base, apy_reward, apy_base_borrow, utilization, frozen, paused,
      quality)`;
}
