import type { Database, Row, Tables } from "@obsqra/db";
import type { ListedLog } from "@obsqra/platform";
import { sql } from "kysely";

export type LogName = Row<Tables["chained_logs"]>["log"];

/** A log of the list. */
export type ListedLogRow = Omit<Row<Tables["chained_logs"]>, "end_position" | "end_hash">;

/** Whose log there is, or could be. */
export interface LogOwner {
  readonly id: string;
  readonly erased_at: Date | null;
  /** False when the log is listed, and its account is gone. */
  readonly has_account: boolean;
}

// As text on both engines: PGlite gives a bigint as a number.
const oldLength = sql<string>`cast(old_length as text)`.as("old_length");

/** How the list describes a log. */
export async function findListedLog(
  db: Database,
  { log, owner_id }: { readonly log: LogName; readonly owner_id: string },
): Promise<ListedLog | undefined> {
  return db
    .selectFrom("chained_logs")
    .select(["old_digest", "end_hash", oldLength])
    .select(({ cast }) => cast<string>("end_position", "text").as("end_position"))
    .where("log", "=", log)
    .where("owner_id", "=", owner_id)
    .executeTakeFirst();
}

/** The list after a position, in order. */
export async function listLogsAfter(
  db: Database,
  page: { readonly position: number; readonly limit: number },
): Promise<ListedLogRow[]> {
  return db
    .selectFrom("chained_logs")
    .select(["log", "owner_id", oldLength, "old_digest", "content_hash", "previous_hash", "hash"])
    .select(({ cast }) => cast<string>("position", "text").as("position"))
    .where("position", ">", String(page.position))
    .orderBy("chained_logs.position")
    .limit(page.limit)
    .execute();
}

/** Every account, and everybody else whose log is listed, by id. */
export async function listLogOwners(
  db: Database,
  page: { readonly log: LogName; readonly after: string | undefined; readonly limit: number },
): Promise<LogOwner[]> {
  const after = page.after ?? null;
  const { rows } = await sql<LogOwner>`
    select coalesce(account.id, listed.owner_id) as id, account.erased_at, account.id is not null as has_account
    from (select id, erased_at from users where cast(${after} as uuid) is null or id > ${after}) as account
    full join (
      select owner_id from chained_logs
      where log = ${page.log} and (cast(${after} as uuid) is null or owner_id > ${after})
    ) as listed on listed.owner_id = account.id
    order by 1 limit ${page.limit}`.execute(db);
  return rows;
}
