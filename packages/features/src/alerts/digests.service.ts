import { readPreferences } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import { insertMails, prepareEmail } from "../mail/outbox.service.ts";
import { takeWaitingAlerts } from "../mail/waiting-alerts.service.ts";
import { listWaitingOwners, takeDigest } from "./alerts.queries.ts";
import { listRecipients } from "./recipients.queries.ts";
import { sealUnsubscription } from "./unsubscription.ts";
import type { AlertDependencies } from "./write-alerts.service.ts";

const ownersAtOnce = 200;

/**
 * Mails the alerts that wait for the mail of the day, one mail to each owner, at most once in a day of the clock (UTC). Several
 * processes may do so at once, and it may be interrupted anywhere: each owner is one transaction.
 *
 * @returns how many mails were handed in
 */
export async function writeDigests(deps: AlertDependencies, signal: AbortSignal): Promise<number> {
  const day = deps.clock().toISOString().slice(0, 10);
  let mails = 0;
  let page: { owner_id: string }[] = [];
  do {
    const after = page.at(-1)?.owner_id;
    page = await listWaitingOwners(deps.db, { day, after, limit: ownersAtOnce });
    for (const { owner_id } of page) {
      if (signal.aborted) return mails;
      const isMailed = await deps.db
        .transaction()
        .execute((trx) => writeDigest(deps, trx, { owner_id, day }));
      if (isMailed) mails += 1;
    }
  } while (page.length === ownersAtOnce);
  return mails;
}

/** @returns whether a mail was handed in */
async function writeDigest(
  deps: AlertDependencies,
  trx: DatabaseTransaction,
  { owner_id, day }: { readonly owner_id: string; readonly day: string },
): Promise<boolean> {
  if (!(await takeDigest(trx, { owner_id, day }))) return false;
  const [owner] = await listRecipients(trx, {
    source: deps.marketSource,
    ownerId: owner_id,
    protocols: undefined,
    after: null,
    limit: 1,
  });
  const wantsMail = owner !== undefined && readPreferences(owner.preferences).email_alerts_enabled;
  const mailId = wantsMail ? deps.createId() : null;
  const alerts = await takeWaitingAlerts(trx, { owner_id, mailId });
  if (owner === undefined || mailId === null || alerts.length === 0) return false;
  const unsubscription = sealUnsubscription(deps.sealer, owner_id);
  const about = owner.organisation === null ? {} : { organisation: owner.organisation };
  const email = { template: "alert_digest", to: owner.email, day, alerts, unsubscription, ...about } as const;
  await insertMails(trx, [{ ...prepareEmail(deps, owner_id, email), id: mailId }]);
  return true;
}
