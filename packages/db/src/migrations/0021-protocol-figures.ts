// Compatible: a server of the previous version writes no figures of protocols, but the trigger notes what it has changed, and until
// those are made anew they are computed from the figures of markets, as before.

import { type Kysely, sql } from "kysely";

/** Keeps the figures of protocols per day, which are aggregates of all their markets, instead of computing them for each page. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...tables, ...triggers, ...existing]) await sql.raw(statement).execute(db);
}

const tables = [
  `create table protocol_risk_history (
    source text not null,
    protocol text not null references protocols,
    as_of timestamptz not null,
    risk_score double precision not null,
    apy double precision,
    tvl_usd double precision,
    utilization double precision,
    volatility double precision not null,
    market_count integer not null check (market_count > 0),
    primary key (source, as_of, protocol)
  )`,
  `create index protocol_risk_history_protocol on protocol_risk_history (source, protocol, as_of)`,
  // Where figures of markets have changed, and those of the protocol were not made anew yet, from that day on.
  `create table protocol_risk_changes (
    source text not null,
    protocol text not null,
    since timestamptz not null,
    primary key (source, protocol)
  )`,
];

const note = (name: string, when: string, rows: string) => [
  `create function ${name}() returns trigger language plpgsql as $$
  begin
    insert into protocol_risk_changes (source, protocol, since)
      select source, protocol, min(as_of) from (${rows}) as changed group by source, protocol order by protocol
      on conflict (source, protocol) do update set since = least(protocol_risk_changes.since, excluded.since);
    return null;
  end $$`,
  `create trigger ${name} after ${when} on risk_history ${referencing(when)}
    for each statement execute function ${name}()`,
  // Also where an import has told the database to look nothing up, which leaves out all other triggers.
  `alter table risk_history enable always trigger ${name}`,
];

function referencing(when: string): string {
  const before = when === "insert" ? "" : "old table as before";
  const after = when === "delete" ? "" : "new table as after";
  return `referencing ${before} ${after}`;
}

const [before, after] = ["before", "after"].map((name) => `select source, protocol, as_of from ${name}`);

// Whoever writes, so that no figures of a protocol can outlive those that they were made of.
const triggers = [
  ...note("note_risk_added", "insert", `${after}`),
  ...note("note_risk_removed", "delete", `${before}`),
  ...note("note_risk_changed", "update", `${before} union all ${after}`),
];

const mean = (column: string) => `coalesce(
  sum(${column} * risk.tvl_usd order by risk.market_id) filter (where risk.tvl_usd > 0)
    / nullif(sum(risk.tvl_usd order by risk.market_id) filter (where risk.tvl_usd > 0 and ${column} is not null), 0),
  avg(${column} order by risk.market_id))::float8`;

// As the newest version makes them; a later one that does otherwise makes them anew.
const existing = [
  `insert into protocol_risk_history
      (source, protocol, as_of, risk_score, apy, tvl_usd, utilization, volatility, market_count)
    select risk.source, risk.protocol, risk.as_of, ${mean("risk.risk_score")}, ${mean("risk.apy")},
      sum(risk.tvl_usd order by risk.market_id), ${mean("risk.utilization")}, ${mean("risk.volatility_bp / 100.0")},
      count(*)::int
    from risk_history as risk group by risk.source, risk.protocol, risk.as_of`,
];
