import type { Actor } from "@obsqra/platform";
import {
  type EmailDependencies,
  type NewEmailRow,
  type OwnerNotice,
  prepareEmail,
} from "../../mail/outbox.service.ts";
import { countAttempt, type ThrottleDependencies } from "../throttle/throttle.service.ts";
import { isCounted, maySendMail } from "./unconfirmed-mail.ts";

type NoticeDependencies = ThrottleDependencies & EmailDependencies & { readonly actor: Actor };

/** Makes the row of a mail that tells the owner of the account of something. */
export type NoticeWriter = (notice: OwnerNotice) => NewEmailRow;

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
  const write = (notice: OwnerNotice) => prepareEmail(deps, subject, notice);
  if (email_verified_at === null) {
    return (await maySendMail(deps, deps.actor.user)) ? write : undefined;
  }
  if (await isCounted(countAttempt(deps, { purpose: "notice", subject }))) return write;
  const isLast = await isCounted(countAttempt(deps, { purpose: "last_notice", subject }));
  return isLast ? (notice) => write({ ...notice, is_last: true }) : undefined;
}
