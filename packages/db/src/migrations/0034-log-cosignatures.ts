// Compatible: adds a table, which a server of the previous version neither reads nor writes.

import { type Kysely, sql } from "kysely";

/** Adds what witnesses have said of the transparency log's checkpoints. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table log_cosignatures (
    size bigint not null references log_checkpoints,
    -- The witness's verifier key.
    witness text not null,
    -- Its signature's line below the checkpoint.
    line text not null,
    cosigned_at timestamptz not null,
    primary key (size, witness)
  )`,
  `create index log_cosignatures_witness on log_cosignatures (witness, size)`,
  `create trigger log_cosignatures_append_only before update or delete on log_cosignatures
    for each row execute function refuse_change()`,
  `create trigger log_cosignatures_keep before truncate on log_cosignatures execute function refuse_change()`,
];
