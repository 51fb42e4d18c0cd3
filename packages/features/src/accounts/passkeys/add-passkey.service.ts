import { type AddPasskeyInput, type PasskeyCreation, passkeysMax } from "@obsqra/contract";
import { isUniqueViolation } from "@obsqra/db";
import { AppError, defineCommand, hashToken, Refused, type SessionActor } from "@obsqra/platform";
import { mailWriter } from "../../mail/outbox.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { maySendMail } from "../email-addresses/unconfirmed-mail.ts";
import { lockOwnAccount } from "../own-account.ts";
import { tellOwner } from "../second-factor/factor-answer.ts";
import { challengeOf, challengeSeconds, preparePasskeyChallenge } from "./passkey-challenge.ts";
import { insertPasskeyChallenge, takePasskeyChallenge } from "./passkey-challenges.queries.ts";
import { insertPasskey, listCredentials } from "./passkeys.queries.ts";
import { toPasskey } from "./passkeys.service.ts";
import { algorithms, readMadePasskey, userHandleOf } from "./verify-passkey.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/** Makes what a browser makes a passkey from, for this session. */
export const setUpPasskey = defineCommand({
  plan: async (deps: SignedIn) => {
    const { actor, relyingParty } = deps;
    const { user_id, session_id, user } = actor;
    const { challenge, row } = preparePasskeyChallenge(deps, { user_id, bound_to: session_id });
    const known = await listCredentials(deps.db, user_id);
    const creation: PasskeyCreation = {
      challenge,
      rp: { id: relyingParty.id, name: "Obsqra" },
      user: { id: userHandleOf(user_id), name: user.email, displayName: user.email },
      pubKeyCredParams: algorithms.map((alg) => ({ type: "public-key", alg })),
      timeout: challengeSeconds * 1000,
      excludeCredentials: known.map(({ credential_id, transports }) => ({
        id: Buffer.from(credential_id).toString("base64url"),
        type: "public-key",
        transports,
      })),
      authenticatorSelection: {
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
      attestation: "none",
    };
    return { row, creation };
  },
  write: async (trx, { row, creation }) => {
    await insertPasskeyChallenge(trx, row);
    return creation;
  },
});

/**
 * Adds a passkey that a browser has made in this session, and tells the owner. It neither confirms the address nor makes the session
 * recent. A challenge is used up whether or not the passkey holds.
 *
 * @throws AppError PASSKEY_CHALLENGE_INVALID, PASSKEY_REJECTED, PASSKEY_TAKEN, PASSKEY_LIMIT_REACHED
 */
export const addPasskey = defineCommand({
  plan: async (deps: SignedIn, { name, passkey }: AddPasskeyInput) => {
    const { actor } = deps;
    const { user_id, session_id } = actor;
    const challenge = challengeOf(passkey.response.clientDataJSON);
    if (challenge === undefined) throw new AppError("PASSKEY_REJECTED", undefined);
    const now = deps.clock();
    const id = deps.createId();
    const made = await readMadePasskey(deps.relyingParty, passkey, challenge);
    const details = { passkey_id: id, name, is_synced: made?.is_synced ?? false };
    return {
      actor,
      now,
      returned: { challenge_hash: hashToken(challenge), user_id, bound_to: session_id, now },
      row: made && { ...made, id, user_id, name, created_at: now, last_used_at: null },
      mail: mailWriter(deps),
      mayTell: made !== undefined && (await maySendMail(deps, actor.user)),
      event: prepareEvent(deps, { user_id, type: "passkey_added", details }),
    };
  },
  write: async (trx, { actor, now, returned, row, mail, mayTell, event }) => {
    const { user_id } = actor;
    const { email: to } = await lockOwnAccount(trx, actor, now);
    const isTaken = await takePasskeyChallenge(trx, returned);
    if (!isTaken) throw new AppError("PASSKEY_CHALLENGE_INVALID", undefined);
    if (row === undefined) return new Refused(new AppError("PASSKEY_REJECTED", undefined));
    try {
      const added = await insertPasskey(trx, { row, countMax: passkeysMax });
      if (added === undefined) throw new AppError("PASSKEY_LIMIT_REACHED", { limit: passkeysMax });
      await tellOwner(
        trx,
        { user_id, mail, mayTell },
        { template: "passkey_added", to, at: now.toISOString() },
      );
      await insertAuditEvent(trx, event);
      return toPasskey(added);
    } catch (cause) {
      if (!isUniqueViolation(cause, "passkeys_credential_id_key")) throw cause;
      throw new AppError("PASSKEY_TAKEN", undefined, { cause });
    }
  },
});
