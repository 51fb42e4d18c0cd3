import type { LoginWithIdentityInput, Tokens } from "@obsqra/contract";
import { isUniqueViolation } from "@obsqra/db";
import { AppError, defineCommand, hashToken, PlanOutdatedError, Refused } from "@obsqra/platform";
import { findAccount, findAccountByEmail, lockAccount } from "../account.queries.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { insertOneTimeToken } from "../one-time-tokens/one-time-tokens.queries.ts";
import {
  findRememberedDevice,
  useRememberedDevice,
} from "../remembered-devices/remembered-devices.queries.ts";
import { noticeOfNewDevice } from "../sign-in/new-device.ts";
import { isLive, prepareSession } from "../sign-in/new-session.ts";
import { preparePendingLogin } from "../sign-in/pending-login.ts";
import { insertSession } from "../sign-in/sign-in.queries.ts";
import { findIdentity, useIdentity } from "./identities.queries.ts";
import { readAnswerOnce } from "./identity-attempt.service.ts";
import { takeIdentityAttempt } from "./identity-attempts.queries.ts";
import type { IdentityProvider, ProvenIdentity } from "./providers/identity-provider.ts";
import { insertRegistration, prepareRegistration, type Registration } from "./register-identity.ts";
import { insertSessionIdentity } from "./session-identities.queries.ts";

/** What an answer that holds leads to. */
type PlannedLogin =
  | { readonly outcome: "refused"; readonly error: AppError }
  | { readonly outcome: "registered"; readonly registration: Registration }
  | ({ readonly outcome: "signed_in" } & Awaited<ReturnType<typeof planSession>>)
  | ({ readonly outcome: "pending" } & Awaited<ReturnType<typeof planPending>>);

/** An identity that signs in to the account that has linked it. */
interface KnownIdentity {
  readonly id: string;
  readonly user_id: string;
  readonly provider: IdentityProvider;
  readonly provider_session: string | null;
}

/**
 * Signs in by what a provider has answered. It stands in for the password and for nothing else: where the account has a second factor, the
 * login waits for that. An identity that nobody has linked makes an account of its own, and never gets into one that is there.
 *
 * @throws AppError IDENTITY_ATTEMPT_INVALID, IDENTITY_REJECTED, IDENTITY_EMAIL_UNVERIFIED, IDENTITY_LINK_NEEDED,
 * IDENTITY_PROVIDER_UNAVAILABLE, SECOND_FACTOR_REQUIRED
 */
export const loginWithIdentity = defineCommand({
  stillLetsIn: isLive,
  plan: async (deps: AuthDependencies, input: LoginWithIdentityInput) => {
    const read = await readAnswerOnce(deps, input, null);
    const { attempt_hash, provider } = read;
    const planned: PlannedLogin =
      "refused" in read
        ? { outcome: "refused", error: read.refused }
        : await planLogin(deps, { provider, proven: read.proven, device_token: input.device_token });
    return { attempt_hash, planned };
  },
  write: async (trx, { attempt_hash, planned }, emit): Promise<Tokens | Refused> => {
    const isTaken = await takeIdentityAttempt(trx, attempt_hash);
    if (!isTaken) throw new AppError("IDENTITY_ATTEMPT_INVALID", undefined);
    if (planned.outcome === "refused") return new Refused(planned.error);
    if (planned.outcome === "registered") {
      try {
        await insertRegistration(trx, planned.registration, emit);
        return planned.registration.tokens;
      } catch (cause) {
        // Somebody was registered with the address, or the identity linked, a moment ago.
        const isLate = ["users_email_key", "identities_issuer_subject_key"].some((name) =>
          isUniqueViolation(cause, name),
        );
        if (!isLate) throw cause;
        throw new PlanOutdatedError(new AppError("IDENTITY_LINK_NEEDED", undefined, { cause }));
      }
    }
    const { identity, now, event } = planned;
    const { user_id } = identity;
    // What turns the second factor on or off, or unlinks, holds the account, too.
    const account = await lockAccount(trx, user_id);
    const isLinked = account !== undefined && (await useIdentity(trx, { ...identity, now }));
    const found = isLinked ? await findIdentity(trx, planned.name) : undefined;
    if (found === undefined || found.needs_second_factor !== planned.needsSecondFactor) {
      throw new PlanOutdatedError();
    }
    if (planned.outcome === "pending") {
      await insertOneTimeToken(trx, planned.pending);
      await insertAuditEvent(trx, event);
      return new Refused(new AppError("SECOND_FACTOR_REQUIRED", planned.required));
    }
    const { device_id, rows, mail, tokens } = planned;
    if (device_id !== undefined && !(await useRememberedDevice(trx, { id: device_id, user_id, now }))) {
      throw new PlanOutdatedError();
    }
    await insertSession(trx, { ...rows, mail });
    const { id: identity_id, provider_session } = identity;
    await insertSessionIdentity(trx, { session_id: rows.session.id, identity_id, provider_session });
    await insertAuditEvent(trx, event);
    return tokens;
  },
});

async function planLogin(
  deps: AuthDependencies,
  given: {
    readonly provider: IdentityProvider;
    readonly proven: ProvenIdentity;
    readonly device_token: string | undefined;
  },
): Promise<PlannedLogin> {
  const { provider, proven, device_token } = given;
  const name = { issuer: provider.issuer, subject: proven.subject };
  const found = await findIdentity(deps.db, name);
  if (found === undefined) {
    const [email = ""] = proven.emails;
    const known = await findAccountByEmail(deps.db, email);
    if (known !== undefined) {
      return { outcome: "refused", error: new AppError("IDENTITY_LINK_NEEDED", undefined) };
    }
    const registration = await prepareRegistration(deps, { provider, proven, email });
    return { outcome: "registered", registration };
  }
  const { id, user_id, needs_second_factor: needsSecondFactor, has_passkey: hasPasskey } = found;
  const identity: KnownIdentity = { id, user_id, provider, provider_session: proven.session ?? null };
  const common = { identity, name, needsSecondFactor, now: deps.clock() };
  const device_id =
    needsSecondFactor && device_token !== undefined
      ? await findRememberedDevice(deps.db, { user_id, token_hash: hashToken(device_token), now: common.now })
      : undefined;
  return needsSecondFactor && device_id === undefined
    ? { outcome: "pending", ...planPending(deps, common, hasPasskey) }
    : { outcome: "signed_in", ...(await planSession(deps, common, device_id)) };
}

/** What both ways on have in common. */
interface Common {
  readonly identity: KnownIdentity;
  readonly name: { readonly issuer: string; readonly subject: string };
  readonly needsSecondFactor: boolean;
  readonly now: Date;
}

function planPending(deps: AuthDependencies, common: Common, hasPasskey: boolean) {
  const { user_id, id: identity_id, provider, provider_session } = common.identity;
  const by = { identity_id, provider_session, provider: provider.id };
  const { row, required } = preparePendingLogin(deps, { user_id, hasPasskey, by });
  const event = prepareEvent(deps, { user_id, type: "second_factor_asked" });
  return { ...common, pending: row, required, event };
}

async function planSession(deps: AuthDependencies, common: Common, device_id: string | undefined) {
  const { user_id, id: identity_id, provider } = common.identity;
  const account = await findAccount(deps.db, user_id);
  if (account === undefined) throw new PlanOutdatedError();
  const { email, email_verified_at } = account;
  const { rows, tokens } = await prepareSession(deps, user_id, { isByDevice: device_id !== undefined });
  const details = { session_id: rows.session.id, method: "identity", provider: provider.id, identity_id };
  const isConfirmed = email_verified_at !== null;
  return {
    ...common,
    device_id,
    rows,
    tokens,
    mail: await noticeOfNewDevice(deps, { user_id, email, isConfirmed, method: "identity" }),
    event: prepareEvent(deps, { user_id, type: "logged_in", details }),
  };
}
