import type { Database, DatabaseTransaction, NewRow, Tables } from "@obsqra/db";
import type { CreateId, Sealer } from "@obsqra/platform";
import type { Email } from "./email.ts";
import { insertEmail, insertEmails } from "./outbox.queries.ts";

export type { Email, OwnerNotice } from "./email.ts";
export type NewEmailRow = NewRow<Tables["email_outbox"]>;

/** What handing in a mail uses. */
export interface EmailDependencies {
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly sealer: Sealer;
}

/** Makes the row of a mail that is to be sent as soon as the row is there. */
export function prepareEmail(deps: EmailDependencies, userId: string | null, email: Email): NewEmailRow {
  const now = deps.clock();
  return {
    id: deps.createId(),
    user_id: userId,
    sealed: deps.sealer.seal(JSON.stringify(email)),
    created_at: now,
    next_attempt_at: now,
  };
}

/** Makes the row of a mail that is still to be inserted. */
export type MailWriter = (userId: string | null, email: Email) => NewEmailRow;

/** Makes the rows of mails, for a command that knows only while it writes what is to be sent. */
export function mailWriter({ clock, createId, sealer }: EmailDependencies): MailWriter {
  return (userId, email) => prepareEmail({ clock, createId, sealer }, userId, email);
}

/** Hands in mail as part of a transaction: it is sent only if the rest is stored. */
export async function insertMail(trx: DatabaseTransaction, row: NewEmailRow): Promise<void> {
  await insertEmail(trx, row);
}

/** The same of several mails. */
export async function insertMails(trx: DatabaseTransaction, rows: readonly NewEmailRow[]): Promise<void> {
  await insertEmails(trx, rows);
}

/** Hands in a mail. Give the transaction as `db` where the mail must be sent only if the rest is stored. */
export async function queueEmail(
  deps: EmailDependencies & { readonly db: Database },
  userId: string | null,
  email: Email,
): Promise<void> {
  await insertEmail(deps.db, prepareEmail(deps, userId, email));
}
