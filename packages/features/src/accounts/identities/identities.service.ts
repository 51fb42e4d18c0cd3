import {
  type Identities,
  type Identity,
  type IdentityProviders,
  identitiesMax,
  type LinkIdentityInput,
  type ListIdentitiesInput,
  type UnlinkIdentityInput,
} from "@obsqra/contract";
import { isUniqueViolation } from "@obsqra/db";
import {
  AppError,
  defineCommand,
  idKey,
  Refused,
  readCursor,
  type SessionActor,
  toPage,
} from "@obsqra/platform";
import { mailWriter } from "../../mail/outbox.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { auditWriter } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { maySendMail } from "../email-addresses/unconfirmed-mail.ts";
import { deleteOneTimeTokens } from "../one-time-tokens/one-time-tokens.queries.ts";
import { lockOwnAccount } from "../own-account.ts";
import { tellOwner } from "../second-factor/factor-answer.ts";
import { hasWayIn } from "../sign-in/ways-in.queries.ts";
import { deleteIdentity, type IdentityRow, insertIdentity, listIdentities } from "./identities.queries.ts";
import { readAnswerOnce } from "./identity-attempt.service.ts";
import { takeIdentityAttempt } from "./identity-attempts.queries.ts";
import type { IdentityProvider } from "./providers/identity-provider.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/** The providers by which people can sign in. */
export async function getIdentityProviders({
  identityProviders,
}: Pick<AuthDependencies, "identityProviders">): Promise<IdentityProviders> {
  return { providers: identityProviders.map(({ id, name }) => ({ id, name })) };
}

/**
 * The user's identities.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getIdentities(deps: SignedIn, input: ListIdentitiesInput): Promise<Identities> {
  const { user_id } = deps.actor;
  const view = { list: "identities", owner_id: user_id, input };
  const rows = await listIdentities(deps.db, {
    user_id,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.id]);
  return {
    items: page.items.map((row) => toIdentity(row, deps.identityProviders)),
    next_cursor: page.next_cursor,
  };
}

/**
 * Links an identity to the account of whoever asks, and tells the owner. It takes both: a sign-in of the owner, and that the provider has
 * verified the address of the account. An attempt is used up whether or not the answer holds.
 *
 * @throws AppError IDENTITY_ATTEMPT_INVALID, IDENTITY_REJECTED, IDENTITY_EMAIL_UNVERIFIED, IDENTITY_EMAIL_DIFFERS, IDENTITY_TAKEN,
 * IDENTITY_LIMIT_REACHED, IDENTITY_PROVIDER_UNAVAILABLE
 */
export const linkIdentity = defineCommand({
  plan: async (deps: SignedIn, input: LinkIdentityInput) => {
    const { actor } = deps;
    const read = await readAnswerOnce(deps, input, actor.user_id);
    return {
      actor,
      read,
      id: deps.createId(),
      now: deps.clock(),
      mail: mailWriter(deps),
      mayTell: "proven" in read && (await maySendMail(deps, actor.user)),
      audit: auditWriter(deps),
      providers: deps.identityProviders,
    };
  },
  write: async (trx, { actor, read, id, now, mail, mayTell, audit, providers }) => {
    const { user_id } = actor;
    const { email } = await lockOwnAccount(trx, actor, now);
    const isTaken = await takeIdentityAttempt(trx, read.attempt_hash);
    if (!isTaken) throw new AppError("IDENTITY_ATTEMPT_INVALID", undefined);
    if ("refused" in read) return new Refused(read.refused);
    const { provider, proven } = read;
    if (!proven.emails.includes(email)) return new Refused(new AppError("IDENTITY_EMAIL_DIFFERS", undefined));
    const { issuer } = provider;
    const row = {
      ...{ id, user_id, issuer, subject: proven.subject, email },
      created_at: now,
      last_used_at: null,
    };
    try {
      const linked = await insertIdentity(trx, { row, countMax: identitiesMax });
      if (linked === undefined) throw new AppError("IDENTITY_LIMIT_REACHED", { limit: identitiesMax });
      const notice = { provider: provider.name, email, to: email, at: now.toISOString() };
      await tellOwner(trx, { user_id, mail, mayTell }, { template: "identity_linked", ...notice });
      const details = { identity_id: id, provider: provider.id, email };
      await insertAuditEvent(trx, audit({ user_id, type: "identity_linked", details }));
      return toIdentity(linked, providers);
    } catch (cause) {
      if (!isUniqueViolation(cause, "identities_issuer_subject_key")) throw cause;
      throw new AppError("IDENTITY_TAKEN", undefined, { cause });
    }
  },
});

/**
 * Makes an identity sign nobody in any more, and tells the owner. One without which nobody could sign in stays.
 *
 * @throws AppError IDENTITY_NOT_FOUND, the same for another user's and one that never was; LAST_WAY_IN
 */
export const unlinkIdentity = defineCommand({
  plan: async (deps: SignedIn, { identity_id }: UnlinkIdentityInput) => ({
    actor: deps.actor,
    identity_id,
    now: deps.clock(),
    mail: mailWriter(deps),
    mayTell: await maySendMail(deps, deps.actor.user),
    audit: auditWriter(deps),
    providers: deps.identityProviders,
  }),
  write: async (trx, { actor, identity_id, now, mail, mayTell, audit, providers }) => {
    const { user_id } = actor;
    const { email: to } = await lockOwnAccount(trx, actor, now);
    const unlinked = await deleteIdentity(trx, { id: identity_id, user_id });
    if (unlinked === undefined) throw new AppError("IDENTITY_NOT_FOUND", undefined);
    const isLast = !(await hasWayIn(trx, { user_id, issuers: issuersOf(providers) }));
    // Undoes it.
    if (isLast) throw new AppError("LAST_WAY_IN", undefined);
    // It may have begun a login that waits for the second factor.
    await deleteOneTimeTokens(trx, { user_id, purposes: ["pending_login"] });
    const { email, issuer } = unlinked;
    const name = providers.find((each) => each.issuer === issuer)?.name ?? issuer;
    const notice = { template: "identity_unlinked", to, at: now.toISOString(), provider: name } as const;
    await tellOwner(trx, { user_id, mail, mayTell }, { ...notice, email });
    const details = { identity_id, issuer, email };
    await insertAuditEvent(trx, audit({ user_id, type: "identity_unlinked", details }));
    return undefined;
  },
});

/** Who vouches for identities that can sign in. */
export function issuersOf(providers: readonly IdentityProvider[]): string[] {
  return providers.map(({ issuer }) => issuer);
}

function toIdentity(row: IdentityRow, providers: readonly IdentityProvider[]): Identity {
  return {
    id: row.id,
    provider: providers.find(({ issuer }) => issuer === row.issuer)?.id ?? null,
    issuer: row.issuer,
    email: row.email,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at?.toISOString() ?? null,
  };
}
