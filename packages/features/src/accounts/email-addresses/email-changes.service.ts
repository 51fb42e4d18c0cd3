import type { ConfirmEmailChangeInput, EmailChange, RequestEmailChangeInput } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import { isUniqueViolation } from "@obsqra/db";
import type { Sealer, SessionActor } from "@obsqra/platform";
import { AppError, defineCommand } from "@obsqra/platform";
import { z } from "zod";
import { insertMail, type MailWriter, mailWriter } from "../../mail/outbox.service.ts";
import { type AccountRow, findAccountByEmail, updateAddress } from "../account.queries.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { type AuditWriter, auditWriter, type NewAuditEventRow, prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { type NewOneTimeToken, prepareOneTimeToken } from "../one-time-tokens/one-time-token.ts";
import {
  deleteOneTimeTokens,
  insertOneTimeToken,
  updateOneTimePayload,
} from "../one-time-tokens/one-time-tokens.queries.ts";
import { type OpenedLink, takeLink } from "../one-time-tokens/one-time-tokens.service.ts";
import { lockOwnAccount } from "../own-account.ts";
import { countAttempt } from "../throttle/throttle.service.ts";
import { countMailToUnconfirmed } from "./unconfirmed-mail.ts";

const changePurposes = ["email_change_old", "email_change_new"] as const;
/** Links that were sent to an address end with it. */
const endedByNewAddress = [...changePurposes, "email_verification", "password_reset"] as const;

/** What the links of one change of address know. */
const changePayload = z.object({
  /** Sealed, base64url. */
  new_email: z.string(),
  /** Whether the link to the other mailbox was opened, or none was sent there. */
  is_other_confirmed: z.boolean(),
});
type ChangePayload = z.output<typeof changePayload>;

/** What writing the mails of a change uses: rows depend on whether the account's address is confirmed. */
interface PlannedChange {
  readonly actor: SessionActor;
  readonly now: Date;
  readonly newEmail: string;
  readonly sealedEmail: string;
  /** The account that has the new address already. */
  readonly owner: AccountRow | undefined;
  readonly prepareLink: (account: AccountRow, link: ChangeLink) => NewOneTimeToken;
  readonly mail: MailWriter;
  readonly event: NewAuditEventRow;
}

interface ChangeLink {
  readonly purpose: (typeof changePurposes)[number];
  readonly payload: ChangePayload;
}

/**
 * Begins a change of address, in the place of an older one. An address that has an account gets another mail than the
 * link that would be needed; nothing else differs, so that whoever asks cannot tell.
 *
 * @throws AppError VALIDATION_FAILED when it is the address that the account has; TOO_MANY_ATTEMPTS
 */
export const requestEmailChange = defineCommand({
  plan: async (
    deps: AuthDependencies & { readonly actor: SessionActor },
    { new_email: newEmail }: RequestEmailChangeInput,
    attempt,
  ): Promise<PlannedChange> => {
    const { actor } = deps;
    const { user_id } = actor;
    if (attempt === 1) {
      await countAttempt(deps, { purpose: "email", subject: newEmail });
      await countMailToUnconfirmed(deps);
    }
    return {
      actor,
      now: deps.clock(),
      newEmail,
      sealedEmail: sealAddress(deps.sealer, newEmail),
      owner: await findAccountByEmail(deps.db, newEmail),
      prepareLink: ({ id, email }, link) => prepareOneTimeToken(deps, { ...link, user_id: id, email }),
      mail: mailWriter(deps),
      event: prepareEvent(deps, { user_id, type: "email_change_requested" }),
    };
  },
  write: async (trx, change) => {
    const account = await lockOwnAccount(trx, change.actor, change.now);
    assertOtherAddress(account, change.newEmail);
    await deleteOneTimeTokens(trx, { user_id: account.id, purposes: changePurposes });
    await writeToOldMailbox(trx, account, change);
    await writeToNewMailbox(trx, account, change);
    await insertAuditEvent(trx, change.event);
    return undefined;
  },
});

/** An address that nobody has confirmed may not be the user's: it is told, not asked. */
async function writeToOldMailbox(
  trx: DatabaseTransaction,
  account: AccountRow,
  { newEmail: new_email, sealedEmail, prepareLink, mail }: PlannedChange,
): Promise<void> {
  const to = account.email;
  if (account.email_verified_at === null) {
    return insertMail(trx, mail(account.id, { template: "email_change_notice", to, new_email }));
  }
  const payload = { new_email: sealedEmail, is_other_confirmed: false };
  const { token, row } = prepareLink(account, { purpose: "email_change_old", payload });
  await insertOneTimeToken(trx, row);
  await insertMail(trx, mail(account.id, { template: "email_change_old", to, token, new_email }));
}

/** The link for an address that has an account is made, too, but nobody learns its token. */
async function writeToNewMailbox(
  trx: DatabaseTransaction,
  account: AccountRow,
  { newEmail: to, sealedEmail, owner, prepareLink, mail }: PlannedChange,
): Promise<void> {
  const payload = { new_email: sealedEmail, is_other_confirmed: account.email_verified_at === null };
  const { token, row } = prepareLink(account, { purpose: "email_change_new", payload });
  await insertOneTimeToken(trx, row);
  await insertMail(
    trx,
    owner === undefined
      ? mail(account.id, { template: "email_change_new", to, token })
      : mail(owner.id, { template: "email_in_use", to }),
  );
}

/** What carrying out a change uses: whose it is and where it stands, only the link's row says. */
interface PlannedConfirmation {
  readonly link: OpenedLink;
  readonly openAddress: (sealed: string) => string;
  readonly mail: MailWriter;
  readonly audit: AuditWriter;
}

/**
 * Confirms a change of address from one mailbox; the last of the two confirmations, in whichever order, carries it out.
 *
 * @throws AppError ONE_TIME_TOKEN_INVALID, also when the new address has got an account meanwhile
 */
export const confirmEmailChange = defineCommand({
  plan: async (deps: AuthDependencies, { token }: ConfirmEmailChangeInput): Promise<PlannedConfirmation> => ({
    link: { token, purposes: changePurposes, now: deps.clock() },
    openAddress: (sealed) => openAddress(deps.sealer, sealed),
    mail: mailWriter(deps),
    audit: auditWriter(deps),
  }),
  write: async (trx, planned): Promise<EmailChange> => {
    const { link, openAddress, audit } = planned;
    const { account, purpose, payload } = await takeLink(trx, link);
    const user_id = account.id;
    const change = changePayload.parse(payload);
    const mailbox = purpose === "email_change_old" ? "old" : "new";
    const confirmed = audit({ user_id, type: "email_change_confirmed", details: { mailbox } });
    if (change.is_other_confirmed) {
      // The address before the events: who has written an event and then waits for the user's row could wait for ever.
      await changeAddress(trx, { account, newEmail: openAddress(change.new_email) }, planned);
      await insertAuditEvent(trx, confirmed);
      await insertAuditEvent(trx, audit({ user_id, type: "email_changed" }));
      return { status: "changed" };
    }
    const isOtherTold = await updateOneTimePayload(trx, {
      user_id,
      purpose: mailbox === "old" ? "email_change_new" : "email_change_old",
      payload: { ...change, is_other_confirmed: true },
      now: link.now,
    });
    if (!isOtherTold) throw new AppError("ONE_TIME_TOKEN_INVALID", undefined);
    await insertAuditEvent(trx, confirmed);
    return { status: "waiting" };
  },
});

/** @throws AppError ONE_TIME_TOKEN_INVALID when another account has the new address */
async function changeAddress(
  trx: DatabaseTransaction,
  { account, newEmail }: { readonly account: AccountRow; readonly newEmail: string },
  { link, mail }: Pick<PlannedConfirmation, "link" | "mail">,
): Promise<void> {
  const user_id = account.id;
  try {
    await updateAddress(trx, { id: user_id, email: newEmail, now: link.now });
  } catch (cause) {
    if (!isUniqueViolation(cause, "users_email_key")) throw cause;
    throw new AppError("ONE_TIME_TOKEN_INVALID", undefined, { cause });
  }
  await deleteOneTimeTokens(trx, { user_id, purposes: endedByNewAddress });
  const email = { template: "email_changed", to: account.email, new_email: newEmail } as const;
  await insertMail(trx, mail(user_id, email));
}

/** The address waits sealed, so that only `users` has addresses that can be read. */
function sealAddress(sealer: Sealer, email: string): string {
  return Buffer.from(sealer.seal(email)).toString("base64url");
}

function openAddress(sealer: Sealer, sealed: string): string {
  try {
    return sealer.open(Buffer.from(sealed, "base64url"));
  } catch (cause) {
    // The secret it was sealed with is no longer among the configured ones.
    throw new AppError("ONE_TIME_TOKEN_INVALID", undefined, { cause });
  }
}

/** The user knows the address they have, so this reveals nothing. */
function assertOtherAddress(account: AccountRow, newEmail: string): void {
  if (account.email !== newEmail) return;
  const issue = { path: "new_email", message: "this is your address already" };
  throw new AppError("VALIDATION_FAILED", { issues: [issue] });
}
