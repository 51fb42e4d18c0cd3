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
  /** False when there is, or was, a log, and its account is gone. */
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

/**
 * Every account, and everybody else whose log is listed or has entries, by id. Each part is limited by itself, so that the
 * pages together read each index once.
 */
export async function listLogOwners(
  db: Database,
  page: { readonly log: LogName; readonly after: string | undefined; readonly limit: number },
): Promise<LogOwner[]> {
  const { log, limit } = page;
  const after = page.after ?? null;
  const isAfter = (column: string) =>
    sql<boolean>`(cast(${after} as uuid) is null or ${sql.ref(column)} > ${after})`;
  const writers = Object.entries(ownerColumns[log]).map(
    ([table, column]) => sql`
      union (select distinct ${sql.ref(column)} from ${sql.table(table)} where ${isAfter(column)}
        order by 1 limit ${limit})`,
  );
  const { rows } = await sql<LogOwner>`
    select owner.id, account.erased_at, account.id is not null as has_account
    from (
      (select id from users where ${isAfter("id")} order by 1 limit ${limit})
      union (select owner_id from chained_logs where log = ${log} and ${isAfter("owner_id")} order by 1 limit ${limit})
      ${sql.join(writers, sql` `)}
    ) as owner
    left join users as account on account.id = owner.id
    order by 1 limit ${limit}`.execute(db);
  return rows;
}

/** Which column of the tables of a log says whose entries they have. */
const ownerColumns: Readonly<Record<LogName, Readonly<Record<string, string>>>> = {
  audit: { audit_events: "user_id" },
  transactions: { transactions: "owner_id", transaction_statuses: "owner_id" },
};
