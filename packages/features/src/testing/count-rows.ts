import type { TestApi } from "./create-test-api.ts";

type CountedTable =
  | "auth_sessions"
  | "auth_refresh_tokens"
  | "auth_one_time_tokens"
  | "auth_throttle"
  | "users";

/** How many rows a table has. */
export async function countRows({ deps: { db } }: TestApi, table: CountedTable): Promise<number> {
  return (await db.selectFrom(table).selectAll().execute()).length;
}
