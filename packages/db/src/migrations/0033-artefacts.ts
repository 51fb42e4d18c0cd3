// Compatible: adds a table, and columns that may be empty. The forecasts of a server of the previous version name no data to run them with.

import { type Kysely, sql } from "kysely";

/** Adds the files that forecasts were made from, so that anybody can make them again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table artefacts (
    -- Of the content before it was compressed, in hex.
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    gzip bytea not null,
    created_at timestamptz not null
  )`,
  // Compressed already.
  `alter table artefacts alter column gzip set storage external`,
  `create trigger artefacts_append_only before update or delete on artefacts
    for each row execute function refuse_change()`,
  `create trigger artefacts_keep before truncate on artefacts execute function refuse_change()`,
  `alter table forecast_runs
    -- Of the market data that was forecast from, whether it is published or not.
    add column panel_sha256 text,
    -- The artefact that names its parts; null where the operator does not publish data.
    add column snapshot_sha256 text references artefacts,
    -- Of the arithmetic: another may come to other figures from the same files.
    add column revision integer`,
  `create index models_artefact on models (artefact_sha256)`,
];
