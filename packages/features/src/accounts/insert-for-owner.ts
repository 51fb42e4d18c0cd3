import type { Tables } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";

/**
 * An insert for a statement that has found a user as `owner (id)`: the row belongs to that user, whatever it says itself, and is
 * left out where there is none.
 */
export function insertForOwner(table: keyof Tables, row: object): RawBuilder<Record<string, unknown>> {
  const entries = Object.entries(row).filter(([column]) => column !== "user_id");
  const columns = entries.map(([column]) => sql.ref(column));
  const values = entries.map(([, value]) => sql`${value}`);
  return sql`insert into ${sql.table(table)} (user_id, ${sql.join(columns)})
    select owner.id, ${sql.join(values)} from owner`;
}
