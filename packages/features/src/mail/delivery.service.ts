import type { Database } from "@obsqra/db";
import type { Logger, Sealer } from "@obsqra/platform";
import type { Email } from "./email.ts";
import { type Mailer, MailerError } from "./mailer.ts";
import { type ClaimedEmailRow, claimDueEmails, deleteEmail, hasWaitingEmails } from "./outbox.queries.ts";
import { EmailNotRenderableError, renderEmail } from "./render-email.ts";

/** What delivering uses. */
export interface DeliveryDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly sealer: Sealer;
  readonly log: Logger;
  readonly mailer: Mailer;
  /** Origin of the frontend that has the account pages. */
  readonly appUrl: string;
  /** Origin of the server. */
  readonly publicUrl: string;
}

/** Mails that are sent side by side. */
const batchSize = 5;
/** Mail that waits longer is worth nothing: its links have expired, and its news is old. */
const patienceMs = 24 * 60 * 60 * 1000;

/**
 * Sends all mail that is due. A mail goes out at least once: it is claimed, sent and then deleted, so that one whose
 * sender dies is sent again. Several servers may deliver at once; each mail is claimed by one of them. A mail that could
 * not be sent is tried again after 1, 2, 4, ... 60 minutes, and given up a day after it was handed in.
 *
 * @param signal no further mail is begun after it aborts
 * @returns whether any mail waits for a later time
 * @throws DatabaseUnavailableError and whatever else the database throws; never for what happens to a single mail
 */
export async function deliverEmails(deps: DeliveryDependencies, signal: AbortSignal): Promise<boolean> {
  // Most looks find nothing: they lock nothing.
  while (!signal.aborted && (await hasWaitingEmails(deps.db))) {
    const claimed = await claimDueEmails(deps.db, { now: deps.clock(), limit: batchSize });
    if (claimed.length === 0) return true;
    const outcomes = await Promise.allSettled(claimed.map((row) => deliver(deps, row, signal)));
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }
  return signal.aborted;
}

async function deliver(deps: DeliveryDependencies, row: ClaimedEmailRow, signal: AbortSignal): Promise<void> {
  const { id, attempts, created_at } = row;
  const drop = async (message: string) => {
    deps.log.error({ email_id: id, attempts }, message);
    await deleteEmail(deps.db, id);
  };
  if (deps.clock().getTime() - created_at.getTime() >= patienceMs) {
    return drop("A mail was given up: it could not be sent for a day.");
  }
  const email = open(deps.sealer, row.sealed);
  if (email === undefined) {
    return drop("A mail was dropped: it is sealed with a key that is not configured any more.");
  }
  try {
    await deps.mailer.send({ ...renderEmail(email, deps), id, created_at }, signal);
  } catch (error) {
    if (error instanceof MailerError && error.recipientUnknown) {
      return drop(`A mail was given up: ${error.message}`);
    }
    const facts = { email_id: id, template: email.template, attempts, next_attempt_at: row.next_attempt_at };
    deps.log.warn(facts, `A mail was not sent: ${describe(error)}`);
    return;
  }
  await deleteEmail(deps.db, id);
}

function open(sealer: Sealer, sealed: Uint8Array): Email | undefined {
  let text: string;
  try {
    text = sealer.open(sealed);
  } catch {
    return undefined;
  }
  // Only prepareEmail seals mail; a template of another version is found when the mail is written.
  return JSON.parse(text) as Email;
}

/** Messages of unknown errors may quote the recipient or the content. */
function describe(error: unknown): string {
  if (error instanceof MailerError || error instanceof EmailNotRenderableError) return error.message;
  return error instanceof Error ? error.name : "unknown error";
}
