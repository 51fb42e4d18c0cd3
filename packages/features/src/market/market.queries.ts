import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";
import { arrayColumn } from "./array-column.ts";
import type { SeriesFacts } from "./market-series.ts";

export type NewProtocolRow = NewRow<Tables["protocols"]>;
export type NewMarketRow = NewRow<Tables["markets"]>;
export type NewMarketImportRow = NewRow<Tables["market_imports"]>;
/** A market's risk figures of a day. */
export type RiskRow = Omit<Row<Tables["risk_history"]>, "source">;
export type MarketImportRow = Omit<Row<Tables["market_imports"]>, "report" | "sequence"> & {
  /** The version of the rules by which its rows were read and judged; 1 before there were versions. */
  readonly reading: number;
  /** How many decisions of operators about kinds it knew. */
  readonly kind_decisions: number;
  readonly rows_read: number;
  readonly rows_rejected: number;
  readonly rows_loaded: number;
};

/** Lets one process at a time import from a source, however long the others wait; the lock goes with the transaction. */
export async function lockImports(trx: DatabaseTransaction, source: string): Promise<void> {
  await sql`set local statement_timeout = 0`.execute(trx);
  await sql`select pg_advisory_xact_lock(hashtextextended(${`market import ${source}`}, 0))`.execute(trx);
}

/** Tells the planner what the tables hold now; nothing else does so under PGlite, and later would be late on Postgres. */
export async function analyzeObservations(db: Database): Promise<void> {
  await sql`analyze markets, market_history, risk_history, protocol_risk_history`.execute(db);
}

/**
 * Removes what a source cannot have observed, as earlier versions stored it, and what was derived from it: a row of the
 * future would make every forecast stale, and one from before there were markets would make its market old.
 */
export async function deleteImpossibleMoments(
  trx: DatabaseTransaction,
  { source, fetched_at }: { readonly source: string; readonly fetched_at: Date },
): Promise<void> {
  const earliest = new Date(Date.UTC(2015, 0, 1));
  await trx
    .deleteFrom("market_history")
    .where("source", "=", source)
    .where(({ or, eb, ref }) =>
      or([eb("observed_at", ">", ref("fetched_at")), eb("observed_at", "<", earliest)]),
    )
    .execute();
  await trx
    .deleteFrom("risk_history")
    .where("source", "=", source)
    .where(({ or, eb }) => or([eb("as_of", ">", fetched_at), eb("as_of", "<", earliest)]))
    .execute();
}

/**
 * Adds protocols, or brings what is known about them up to date. A status is what the registry or feed says: the database
 * keeps it, and goes on showing an operator's decision where there is one (migration 0009).
 */
export async function upsertProtocols(db: Database, rows: readonly NewProtocolRow[]): Promise<void> {
  // Every process takes the rows' locks in the same order, so that two at once cannot wait for each other.
  const byName = rows.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  await db
    .insertInto("protocols")
    .values(byName)
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet(({ ref }) => ({
        display_name: ref("excluded.display_name"),
        kind: ref("excluded.kind"),
        status: ref("excluded.status"),
        status_since: ref("excluded.status_since"),
        evidence_url: ref("excluded.evidence_url"),
        audit_score: ref("excluded.audit_score"),
        audit_evidence_url: ref("excluded.audit_evidence_url"),
        launched_at: ref("excluded.launched_at"),
        incidents: ref("excluded.incidents"),
      })),
    )
    .execute();
}

/**
 * Adds markets, or brings what is known about them up to date; nothing is written of those that are known so already.
 *
 * @returns the ids of those that were known to be of another kind
 */
export async function upsertMarkets(db: Database, rows: readonly NewMarketRow[]): Promise<string[]> {
  const { rows: rekinded } = await sql<{ id: string }>`
    with row as materialized (
      select id, protocol, chain, symbol, kind
      from json_to_recordset(${JSON.stringify(rows)}::json)
        as row (id text, protocol text, chain text, symbol text, kind text)
    ), written as (
      insert into markets (id, protocol, chain, symbol, kind)
      select id, protocol, chain, symbol, kind from row
      where not exists (
        select from markets as known
        where known.id = row.id and (known.protocol, known.chain, known.symbol, known.kind)
          is not distinct from (row.protocol, row.chain, row.symbol, row.kind)
      )
      on conflict (id) do update
      set protocol = excluded.protocol, chain = excluded.chain, symbol = excluded.symbol, kind = excluded.kind
    )
    -- As they were before the statement, which writes in a part of its own.
    select markets.id from markets join row on row.id = markets.id where row.kind <> markets.kind
  `.execute(db);
  return rekinded.map(({ id }) => id);
}

/**
 * Does work that adds rows whose markets and protocols the same transaction has added. Looking each of them up again takes
 * more time than adding the rows, so that is left out where the role may say so: the embedded database's role always may.
 */
export async function withoutLookups<TResult>(
  trx: DatabaseTransaction,
  work: () => Promise<TResult>,
): Promise<TResult> {
  const set = (role: "replica" | "origin") =>
    sql`select set_config('session_replication_role', ${role}, true)
      where current_setting('is_superuser') = 'on'`.execute(trx);
  await set("replica");
  const result = await work();
  await set("origin");
  return result;
}

/** Removes the risk figures of some markets of a source, of each from a moment on. */
export async function deleteRiskHistory(
  trx: DatabaseTransaction,
  source: string,
  since: readonly { readonly market_id: string; readonly from: Date }[],
): Promise<void> {
  await sql`
    delete from risk_history using unnest(
      ${arrayColumn(since, "text", (row) => row.market_id)},
      ${arrayColumn(since, "timestamptz", (row) => row.from)}
    ) as changed (market_id, since)
    where source = ${source} and risk_history.market_id = changed.market_id and as_of >= changed.since
  `.execute(trx);
}

/** Adds risk figures of markets and days of which there are none. */
export async function insertRiskHistory(
  db: Database,
  source: string,
  rows: readonly RiskRow[],
): Promise<void> {
  await sql`
    insert into risk_history (market_id, source, as_of, protocol, risk_score, utilization_bp, volatility_bp,
      liquidity_tier, audit_score, age_days, apy, tvl_usd, utilization)
    select market_id, cast(${source} as text), as_of, protocol, risk_score, utilization_bp, volatility_bp,
      liquidity_tier, audit_score, age_days, apy, tvl_usd, utilization
    from unnest(
      ${arrayColumn(rows, "text", (row) => row.market_id)},
      ${arrayColumn(rows, "timestamptz", (row) => row.as_of)},
      ${arrayColumn(rows, "text", (row) => row.protocol)},
      ${arrayColumn(rows, "integer", (row) => row.risk_score)},
      ${arrayColumn(rows, "integer", (row) => row.utilization_bp)},
      ${arrayColumn(rows, "integer", (row) => row.volatility_bp)},
      ${arrayColumn(rows, "integer", (row) => row.liquidity_tier)},
      ${arrayColumn(rows, "integer", (row) => row.audit_score)},
      ${arrayColumn(rows, "integer", (row) => row.age_days)},
      ${arrayColumn(rows, "float8", (row) => row.apy)},
      ${arrayColumn(rows, "float8", (row) => row.tvl_usd)},
      ${arrayColumn(rows, "float8", (row) => row.utilization)}
    ) as row (market_id, as_of, protocol, risk_score, utilization_bp, volatility_bp,
      liquidity_tier, audit_score, age_days, apy, tvl_usd, utilization)`.execute(db);
}

/** What risk figures rest on besides observations. */
export type RiskBasisRow = Pick<
  RiskRow,
  "market_id" | "as_of" | "protocol" | "audit_score" | "age_days" | "utilization"
>;

/** By what the newest risk figures of each of these markets were made; markets without any are left out. */
export async function listRiskBases(
  db: Database,
  source: string,
  marketIds: readonly string[],
): Promise<RiskBasisRow[]> {
  const { rows } = await sql<RiskBasisRow>`
    select newest.* from unnest(${arrayColumn(marketIds, "text", (id) => id)}) as market (id)
    cross join lateral (
      select market_id, as_of, protocol, audit_score, age_days, utilization from risk_history
      where source = ${source} and market_id = market.id order by as_of desc limit 1
    ) as newest`.execute(db);
  return rows;
}

export async function insertMarketImport(db: Database, row: NewMarketImportRow): Promise<void> {
  await db.insertInto("market_imports").values(row).execute();
}

/** The newest completed import of a source. */
export async function findLatestImport(db: Database, source: string): Promise<MarketImportRow | undefined> {
  return db
    .selectFrom("market_imports")
    .select(["id", "source", "simulated", "content_sha256", "observed_until", "fetched_at", "completed_at"])
    .select([
      sql<number>`coalesce(cast(report->>'reading' as integer), 1)`.as("reading"),
      ...(["rows_read", "rows_rejected", "rows_loaded", "kind_decisions"] as const).map((name) =>
        sql<number>`coalesce(cast(report->>${sql.lit(name)} as integer), 0)`.as(name),
      ),
    ])
    .where("source", "=", source)
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
}

/**
 * The source of an import, while the history can be told as it knew it; undefined when there is no such import, or when what the
 * next one replaced may be gone.
 */
export async function findKnownSource(
  db: Database,
  { importId, days }: { readonly importId: string; readonly days: number },
): Promise<string | undefined> {
  const { rows } = await sql<{ source: string }>`
    select source from market_imports as asked
    where id = ${importId} and not exists (
      select from market_imports as next
      where next.source = asked.source and next.sequence > asked.sequence and next.completed_at <= (
        select completed_at - make_interval(hours => ${24 * days}::int) from market_imports as newest
        where newest.source = asked.source order by sequence desc limit 1
      )
    )`.execute(db);
  return rows[0]?.source;
}

/**
 * Facts of every market that a source has observed, by id.
 *
 * @param withRevised whether also of those of which nothing but revisions is left
 */
export async function listSeriesFacts(
  db: Database,
  source: string,
  { withRevised = false }: { readonly withRevised?: boolean } = {},
): Promise<SeriesFacts[]> {
  const { rows } = await sql<SeriesFacts>`
    select markets.id as market_id, markets.protocol, markets.kind, protocols.audit_score, protocols.launched_at
    from markets join protocols on protocols.name = markets.protocol
    where exists (select from market_history where source = ${source} and market_id = markets.id)
      ${
        withRevised
          ? sql`or exists (select from market_history_revisions where source = ${source} and market_id = markets.id)`
          : sql``
      }
    order by markets.id`.execute(db);
  return rows;
}
