import type { DatabaseTransaction } from "@obsqra/db";
import { type Actor, isForOrganisation } from "@obsqra/platform";
import {
  type EmailDependencies,
  insertMail,
  insertMails,
  type NewEmailRow,
  type OwnerNotice,
  prepareEmail,
} from "../../mail/outbox.service.ts";
import { listOwnersToTell } from "../organisations/members.queries.ts";
import { countAttempt, type ThrottleDependencies } from "../throttle/throttle.service.ts";
import { isCounted, maySendMail } from "./unconfirmed-mail.ts";

type NoticeDependencies = ThrottleDependencies & EmailDependencies & { readonly actor: Actor };

/** Makes the row of a mail that tells the owner of the account of something, or an owner of the organisation. */
export type NoticeWriter = (notice: OwnerNotice, userId?: string) => NewEmailRow;

/** So many owners of an organisation are told by mail; the others find it in the log. */
const toldMax = 20;

/**
 * Counts a mail to the owner of the account about something that is not refused when there were enough such mails. A confirmed address
 * gets a few a day, however often keys, wallets and webhooks are made, and the last says that the rest is in the audit log only. At
 * another address the owner is told only as often as `maySendMail` allows; nobody has shown whose it is.
 *
 * @returns undefined when there were enough
 */
export async function noticeWriter(deps: NoticeDependencies): Promise<NoticeWriter | undefined> {
  const { id: subject, email_verified_at, is_organisation } = deps.actor.user;
  // Its API key acts, and an organisation has no address: its log says so.
  if (is_organisation) return undefined;
  const write: NoticeWriter = (notice, userId = subject) => prepareEmail(deps, userId, notice);
  if (email_verified_at === null) {
    return (await maySendMail(deps, deps.actor.user)) ? write : undefined;
  }
  if (await isCounted(countAttempt(deps, { purpose: "notice", subject }))) return write;
  const isLast = await isCounted(countAttempt(deps, { purpose: "last_notice", subject }));
  return isLast ? (notice, userId) => write({ ...notice, is_last: true }, userId) : undefined;
}

/**
 * Tells the owner of what was made for them: whoever acts, or the owners of the organisation.
 *
 * @param write undefined where there were enough such mails
 */
export async function tellOfMade(
  trx: DatabaseTransaction,
  { actor, write }: { readonly actor: Actor; readonly write: NoticeWriter | undefined },
  notice: Extract<OwnerNotice, { template: "api_key_created" | "webhook_created" }>,
): Promise<void> {
  if (write === undefined) return;
  if (!isForOrganisation(actor)) return insertMail(trx, write(notice));
  const owners = await listOwnersToTell(trx, { organisation_id: actor.owner_id, limit: toldMax });
  const what = notice.template === "webhook_created" ? "webhook" : "api_key";
  const rows = owners.map(({ user_id, email: to, organisation }) =>
    write({ template: "organisation_notice", to, at: notice.at, organisation, what }, user_id),
  );
  if (rows.length > 0) await insertMails(trx, rows);
}
