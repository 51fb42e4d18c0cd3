import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

export type ClaimedEmailRow = Pick<
  Row<Tables["email_outbox"]>,
  "id" | "sealed" | "attempts" | "created_at" | "next_attempt_at"
>;

export async function insertEmail(db: Database, row: NewRow<Tables["email_outbox"]>): Promise<void> {
  await db.insertInto("email_outbox").values(row).execute();
}

/** The same of several mails; in one statement. */
export async function insertEmails(
  trx: DatabaseTransaction,
  rows: readonly NewRow<Tables["email_outbox"]>[],
): Promise<void> {
  await trx.insertInto("email_outbox").values(rows).execute();
}

/** Whether any mail is to be sent at some time. */
export async function hasWaitingEmails(db: Database): Promise<boolean> {
  const { rows } = await sql<{ has_any: boolean }>`
    select exists (select from email_outbox) as has_any`.execute(db);
  return rows[0]?.has_any === true;
}

/** How much mail waits, and since when that which has waited for longest; null when none does. */
export async function findOutboxFigures(
  db: Database,
): Promise<{ readonly waiting: number; readonly waiting_since: Date | null } | undefined> {
  return db
    .selectFrom("email_outbox")
    .select([sql<number>`count(*)::int`.as("waiting"), sql<Date | null>`min(created_at)`.as("waiting_since")])
    .executeTakeFirst();
}

/**
 * Takes mail that is due, and gives it in the order in which it was queued. Nobody else gets it until its next attempt: in 1, 2, 4, ... 60 minutes.
 * `attempts` counts this one.
 */
export async function claimDueEmails(
  db: Database,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<ClaimedEmailRow[]> {
  // The expression that locks is evaluated once; as a subquery it might be again, for other rows.
  const claimed = await db
    .with(
      (cte) => cte("due").materialized(),
      (query) =>
        query
          .selectFrom("email_outbox")
          .select("id")
          .where((row) =>
            row.or([
              row("next_attempt_at", "<=", now),
              // No mail waits for longer than an hour: it was claimed before the clock was set back.
              row("next_attempt_at", ">", sql<Date>`cast(${now} as timestamptz) + interval '61 minutes'`),
            ]),
          )
          .orderBy("next_attempt_at")
          .orderBy("id")
          .limit(limit)
          .forUpdate()
          .skipLocked(),
    )
    .updateTable("email_outbox")
    .from("due")
    .set({
      attempts: sql`attempts + 1`,
      next_attempt_at: sql`${now}::timestamptz + least(interval '1 hour', interval '1 minute' * power(2, least(attempts, 6)))`,
    })
    .whereRef("email_outbox.id", "=", "due.id")
    .returning([
      "email_outbox.id",
      "email_outbox.sealed",
      "email_outbox.attempts",
      "email_outbox.created_at",
      "email_outbox.next_attempt_at",
    ])
    .execute();
  // Ids begin with their time and count on within a millisecond.
  return claimed.toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

export async function deleteEmail(db: Database, id: string): Promise<void> {
  await db.deleteFrom("email_outbox").where("id", "=", id).execute();
}
