import type { DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

/**
 * Ends the waiting of an owner's alerts.
 *
 * @param mailId the mail that has them; null where they are not told any more
 * @returns them, the oldest first
 */
export async function releaseWaiting(
  trx: DatabaseTransaction,
  { owner_id, mailId }: { readonly owner_id: string; readonly mailId: string | null },
): Promise<Pick<Row<Tables["alerts"]>, "id" | "alert">[]> {
  const released = await trx
    .updateTable("alerts")
    .set({ waits: false, mail_id: mailId })
    .where("owner_id", "=", owner_id)
    .where("waits", "=", true)
    .returning(["id", "alert"])
    .execute();
  return released.toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

/** The mails about alerts of an owner that are not sent yet are not going to be. */
export async function deleteWaitingMail(trx: DatabaseTransaction, ownerId: string): Promise<void> {
  await sql`
    delete from email_outbox using alerts
    where email_outbox.user_id = ${ownerId} and alerts.owner_id = ${ownerId}
      and alerts.mail_id = email_outbox.id`.execute(trx);
}
