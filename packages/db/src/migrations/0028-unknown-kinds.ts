// Compatible: an older server takes a market of unknown kind for a lender of unknown utilization, and gives it no risk score either. It
// knows nothing of what operators say of kinds; the next import of this one does.

import { type Kysely, sql } from "kysely";

/** Lets the kind of a market be unknown, operators say it, and markets be named that have no risk score for it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const kinds = `('lending', 'dex', 'unknown')`;

const statements = [
  ...["markets", "protocols"].flatMap((table) => [
    `alter table ${table} drop constraint ${table}_kind_check`,
    `alter table ${table} add constraint ${table}_kind_check check (kind in ${kinds})`,
  ]),
  `create table protocol_kinds (
    id uuid primary key,
    sequence bigint not null generated always as identity,
    protocol text not null references protocols,
    kind text check (kind in ${kinds}),
    reason text,
    decided_at timestamptz not null
  )`,
  `create index protocol_kinds_newest on protocol_kinds (protocol, sequence desc)`,
  `create trigger protocol_kinds_append_only before update or delete on protocol_kinds
    for each row execute function refuse_change()`,
  `create trigger protocol_kinds_keep before truncate on protocol_kinds execute function refuse_change()`,
  `alter table dropped_markets drop constraint dropped_markets_cause_check`,
  `alter table dropped_markets add constraint dropped_markets_cause_check
    check (cause in ('quarantined', 'silent', 'no_risk_score', 'unknown_kind'))`,
  `alter table dropped_markets alter column last_scored_at drop not null`,
  `alter table dropped_markets add constraint dropped_markets_scored_check
    check (last_scored_at is not null or cause = 'unknown_kind')`,
];
