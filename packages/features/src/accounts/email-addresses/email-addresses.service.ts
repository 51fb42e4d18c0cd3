import type { VerifyEmailInput } from "@obsqra/contract";
import { defineCommand, type SessionActor } from "@obsqra/platform";
import { insertMail } from "../../mail/outbox.service.ts";
import { confirmAddress, lockAccount } from "../account.queries.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { auditWriter, prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { deleteOneTimeTokens, insertOneTimeToken } from "../one-time-tokens/one-time-tokens.queries.ts";
import { takeLink } from "../one-time-tokens/one-time-tokens.service.ts";
import { existingAccount } from "../own-account.ts";
import { countAttempt } from "../throttle/throttle.service.ts";
import { prepareEmailVerification } from "./email-verification.ts";

/**
 * Sends the link that confirms the user's address, in the place of older ones. Nothing is sent to a confirmed address.
 *
 * @throws AppError TOO_MANY_ATTEMPTS
 */
export const requestEmailVerification = defineCommand({
  plan: async (deps: AuthDependencies & { readonly actor: SessionActor }, _input: undefined, attempt) => {
    const { user_id, user } = deps.actor;
    if (attempt === 1) await countAttempt(deps, { purpose: "email", subject: user.email });
    return {
      user_id,
      // For the address that the account has when it is written.
      prepareFor: (email: string) => prepareEmailVerification(deps, { id: user_id, email }),
      event: prepareEvent(deps, { user_id, type: "email_verification_requested" }),
    };
  },
  write: async (trx, { user_id, prepareFor, event }) => {
    const { email, email_verified_at } = existingAccount(await lockAccount(trx, user_id));
    if (email_verified_at !== null) return undefined;
    const { oneTimeToken, mail } = prepareFor(email);
    await deleteOneTimeTokens(trx, { user_id, purposes: ["email_verification"] });
    await insertOneTimeToken(trx, oneTimeToken);
    await insertMail(trx, mail);
    await insertAuditEvent(trx, event);
    return undefined;
  },
});

/**
 * Confirms the address that an emailed link was sent to, while it is the account's. Changes of address that are under way
 * end: they were to do without this mailbox, and from now on it has to agree.
 *
 * @throws AppError ONE_TIME_TOKEN_INVALID
 */
export const verifyEmail = defineCommand({
  plan: async (deps: AuthDependencies, { token }: VerifyEmailInput) => ({
    link: { token, purposes: ["email_verification"], now: deps.clock() } as const,
    audit: auditWriter(deps),
  }),
  write: async (trx, { link, audit }) => {
    const { account } = await takeLink(trx, link);
    const user_id = account.id;
    await confirmAddress(trx, { id: user_id, now: link.now });
    await deleteOneTimeTokens(trx, { user_id, purposes: ["email_change_old", "email_change_new"] });
    await insertAuditEvent(trx, audit({ user_id, type: "email_verified" }));
    return undefined;
  },
});
