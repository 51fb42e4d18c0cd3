// Compatible: an older server beside this one goes on serving, and stores models without the new column. It cannot load the
// models of this one, whose versions cover more than their file: to go back to it, make a model live that it has stored.

import { type Kysely, sql } from "kysely";

/** Gives models a hash of everything that is stated of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Null where the model is older: its version covers its file only.
  await sql`alter table models add column manifest_sha256 text
    check (manifest_sha256 ~ '^[0-9a-f]{64}$')`.execute(db);
}
