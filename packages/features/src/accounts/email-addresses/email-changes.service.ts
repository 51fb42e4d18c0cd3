import type { ConfirmEmailChangeInput, EmailChange, RequestEmailChangeInput } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import { isUniqueViolation } from "@obsqra/db";
import type { Sealer, SessionActor } from "@obsqra/platform";
import { AppError } from "@obsqra/platform";
import { z } from "zod";
import { queueEmail } from "../../mail/outbox.service.ts";
import { type AccountRow, findAccountByEmail, updateAddress } from "../account.queries.ts";
import { recordEvent } from "../audit/audit.service.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { prepareOneTimeToken } from "../one-time-tokens/one-time-token.ts";
import {
  deleteOneTimeTokens,
  insertOneTimeToken,
  updateOneTimePayload,
} from "../one-time-tokens/one-time-tokens.queries.ts";
import { takeLink } from "../one-time-tokens/one-time-tokens.service.ts";
import { lockOwnAccount } from "../own-account.ts";
import { countAttempt } from "../throttle/throttle.service.ts";
import { countMailToUnconfirmed } from "./unconfirmed-mail.ts";

type WithinTransaction = AuthDependencies & { readonly db: DatabaseTransaction };

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

/**
 * Begins a change of address, in the place of an older one. An address that has an account gets another mail than the
 * link that would be needed; nothing else differs, so that whoever asks cannot tell.
 *
 * @throws AppError VALIDATION_FAILED when it is the address that the account has; TOO_MANY_ATTEMPTS
 */
export async function requestEmailChange(
  deps: AuthDependencies & { readonly actor: SessionActor },
  { new_email }: RequestEmailChangeInput,
): Promise<undefined> {
  const { user_id } = deps.actor;
  await countAttempt(deps, { purpose: "email", subject: new_email });
  await countMailToUnconfirmed(deps);
  await deps.db.transaction().execute(async (trx) => {
    const account = await lockOwnAccount(trx, deps.actor, deps.clock());
    assertOtherAddress(account, new_email);
    const within = { ...deps, db: trx };
    await deleteOneTimeTokens(trx, { user_id, purposes: changePurposes });
    await writeToOldMailbox(within, account, new_email);
    await writeToNewMailbox(within, account, new_email);
    await recordEvent(within, { user_id, type: "email_change_requested" });
  });
}

/** An address that nobody has confirmed may not be the user's: it is told, not asked. */
async function writeToOldMailbox(
  deps: WithinTransaction,
  account: AccountRow,
  new_email: string,
): Promise<void> {
  const to = account.email;
  if (account.email_verified_at === null) {
    return queueEmail(deps, account.id, { template: "email_change_notice", to, new_email });
  }
  const payload = { new_email: sealAddress(deps.sealer, new_email), is_other_confirmed: false };
  const token = await addLink(deps, account, { purpose: "email_change_old", payload });
  return queueEmail(deps, account.id, { template: "email_change_old", to, token, new_email });
}

/** The link for an address that has an account is made, too, but nobody learns its token. */
async function writeToNewMailbox(deps: WithinTransaction, account: AccountRow, to: string): Promise<void> {
  const payload = {
    new_email: sealAddress(deps.sealer, to),
    is_other_confirmed: account.email_verified_at === null,
  };
  const token = await addLink(deps, account, { purpose: "email_change_new", payload });
  const owner = await findAccountByEmail(deps.db, to);
  return owner === undefined
    ? queueEmail(deps, account.id, { template: "email_change_new", to, token })
    : queueEmail(deps, owner.id, { template: "email_in_use", to });
}

/** @returns the token for the mail */
async function addLink(
  deps: WithinTransaction,
  account: AccountRow,
  link: { readonly purpose: (typeof changePurposes)[number]; readonly payload: ChangePayload },
): Promise<string> {
  const { token, row } = prepareOneTimeToken(deps, { ...link, user_id: account.id, email: account.email });
  await insertOneTimeToken(deps.db, row);
  return token;
}

/**
 * Confirms a change of address from one mailbox; the last of the two confirmations, in whichever order, carries it out.
 *
 * @throws AppError ONE_TIME_TOKEN_INVALID, also when the new address has got an account meanwhile
 */
export async function confirmEmailChange(
  deps: AuthDependencies,
  { token }: ConfirmEmailChangeInput,
): Promise<EmailChange> {
  try {
    return await deps.db.transaction().execute((trx) => confirmFromMailbox({ ...deps, db: trx }, token));
  } catch (cause) {
    if (isUniqueViolation(cause, "users_email_key")) {
      throw new AppError("ONE_TIME_TOKEN_INVALID", undefined, { cause });
    }
    throw cause;
  }
}

async function confirmFromMailbox(deps: WithinTransaction, token: string): Promise<EmailChange> {
  const now = deps.clock();
  const { account, purpose, payload } = await takeLink(deps.db, { token, purposes: changePurposes, now });
  const user_id = account.id;
  const change = changePayload.parse(payload);
  const mailbox = purpose === "email_change_old" ? "old" : "new";
  const confirmed = { user_id, type: "email_change_confirmed", details: { mailbox } } as const;
  if (change.is_other_confirmed) {
    // The address before the events: who has written an event and then waits for the user's row could wait for ever.
    await changeAddress(deps, account, openAddress(deps.sealer, change.new_email));
    await recordEvent(deps, confirmed);
    await recordEvent(deps, { user_id, type: "email_changed" });
    return { status: "changed" };
  }
  const isOtherTold = await updateOneTimePayload(deps.db, {
    user_id,
    purpose: mailbox === "old" ? "email_change_new" : "email_change_old",
    payload: { ...change, is_other_confirmed: true },
    now,
  });
  if (!isOtherTold) throw new AppError("ONE_TIME_TOKEN_INVALID", undefined);
  await recordEvent(deps, confirmed);
  return { status: "waiting" };
}

async function changeAddress(deps: WithinTransaction, account: AccountRow, newEmail: string): Promise<void> {
  const user_id = account.id;
  await updateAddress(deps.db, { id: user_id, email: newEmail, now: deps.clock() });
  await deleteOneTimeTokens(deps.db, { user_id, purposes: endedByNewAddress });
  await queueEmail(deps, user_id, { template: "email_changed", to: account.email, new_email: newEmail });
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
