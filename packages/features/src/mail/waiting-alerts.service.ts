import type { DatabaseTransaction } from "@obsqra/db";
import type { Alert } from "./alert.ts";
import { deleteWaitingMail, releaseWaiting } from "./waiting-alerts.queries.ts";

/**
 * Takes the alerts of an owner that wait for the mail of the day, for that mail.
 *
 * @param digest.mailId null where they are not told any more
 * @returns them, the oldest first
 */
export async function takeWaitingAlerts(
  trx: DatabaseTransaction,
  digest: { readonly owner_id: string; readonly mailId: string | null },
): Promise<Alert[]> {
  // Only what this service wrote is in the table.
  return (await releaseWaiting(trx, digest)).map(({ alert }) => alert as Alert);
}

/** Takes back the alerts of an owner that are not sent yet, because the owner has switched them off. */
export async function withdrawAlerts(trx: DatabaseTransaction, ownerId: string): Promise<void> {
  await releaseWaiting(trx, { owner_id: ownerId, mailId: null });
  await deleteWaitingMail(trx, ownerId);
}
