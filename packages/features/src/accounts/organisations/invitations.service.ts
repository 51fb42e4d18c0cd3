import type {
  AcceptInvitationInput,
  Invitation,
  Invitations,
  InviteInput,
  ListInvitationsInput,
  Organisation,
  RevokeInvitationInput,
} from "@obsqra/contract";
import { invitationDays, invitationsMax, membersMax } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import type { Sealer, SessionActor } from "@obsqra/platform";
import { AppError, defineCommand, hashToken, idKey, readCursor, toPage } from "@obsqra/platform";
import { insertMail, mailWriter } from "../../mail/outbox.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { auditWriter, ownerEvent, prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { countMailToUnconfirmed } from "../email-addresses/unconfirmed-mail.ts";
import { hashAddress } from "../one-time-tokens/one-time-token.ts";
import { lockOwnAccount } from "../own-account.ts";
import { countAttempt } from "../throttle/throttle.service.ts";
import { assertMayTouchOwners, lockActingMember } from "./acting-member.ts";
import {
  deleteInvitation,
  findInvitation,
  type InvitationRow,
  insertInvitation,
  listInvitations,
  type OpenedInvitationRow,
} from "./invitations.queries.ts";
import { findMember, insertMember } from "./members.queries.ts";
import { lockOrganisation } from "./organisations.queries.ts";
import { assertMayOwnMore, toOrganisation } from "./organisations.service.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

const dayMs = 86_400_000;

/**
 * The invitations that wait.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getInvitations(
  deps: Pick<SignedIn, "db" | "actor" | "clock" | "sealer">,
  input: ListInvitationsInput,
): Promise<Invitations> {
  const { owner_id: organisation_id } = deps.actor;
  const view = { list: "invitations", owner_id: organisation_id, input };
  const rows = await listInvitations(deps.db, {
    organisation_id,
    now: deps.clock(),
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.id]);
  return {
    items: page.items.map((row) => toInvitation(row, openAddress(deps.sealer, row.email_sealed))),
    next_cursor: page.next_cursor,
  };
}

/**
 * Invites whoever has an address, in the place of an older invitation. Whether the address has an account makes no difference.
 *
 * @throws AppError ROLE_INSUFFICIENT, INVITATION_LIMIT_REACHED, TOO_MANY_ATTEMPTS
 */
export const invite = defineCommand({
  plan: async (deps: SignedIn, { email, role }: InviteInput, attempt) => {
    const { actor } = deps;
    if (attempt === 1) {
      await countAttempt(deps, { purpose: "email", subject: email });
      await countMailToUnconfirmed(deps);
    }
    const now = deps.clock();
    const token = Buffer.from(deps.randomBytes(32)).toString("base64url");
    const row = {
      id: deps.createId(),
      organisation_id: actor.owner_id,
      email_sealed: deps.sealer.seal(email),
      address_hash: hashAddress(email),
      role,
      token_hash: hashToken(token),
      invited_by: actor.user_id,
      created_at: now,
      expires_at: new Date(now.getTime() + invitationDays * dayMs),
    };
    const details = { invitation_id: row.id, role };
    const event = prepareEvent(deps, ownerEvent(actor, { type: "member_invited", details }));
    return { actor, email, row, token, now, event, mail: mailWriter(deps) };
  },
  write: async (trx, { actor, email: to, row, token, now, event, mail }) => {
    const { organisation, role } = await lockActingMember(trx, actor, now);
    assertMayTouchOwners(role, [row.role]);
    const created = await insertInvitation(trx, { row, max: invitationsMax });
    if (created === undefined) throw new AppError("INVITATION_LIMIT_REACHED", { limit: invitationsMax });
    const { full_name: name } = organisation;
    const letter = {
      template: "organisation_invitation",
      to,
      token,
      organisation: name,
      role: row.role,
    } as const;
    // Of nobody's account: it must not go with that of whoever invites.
    await insertMail(trx, mail(null, letter));
    await insertAuditEvent(trx, event);
    return toInvitation(created, to);
  },
});

/**
 * Takes an invitation back.
 *
 * @throws AppError INVITATION_NOT_FOUND, also for one of another organisation; ROLE_INSUFFICIENT
 */
export const revokeInvitation = defineCommand({
  plan: async (deps: SignedIn, { invitation_id }: RevokeInvitationInput) => {
    const { actor } = deps;
    const details = { invitation_id };
    return {
      actor,
      now: deps.clock(),
      invitation: { id: invitation_id, organisation_id: actor.owner_id },
      event: prepareEvent(deps, ownerEvent(actor, { type: "invitation_revoked", details })),
    };
  },
  write: async (trx, { actor, now, invitation, event }) => {
    const { role } = await lockActingMember(trx, actor, now);
    const revoked = await deleteInvitation(trx, invitation);
    if (revoked === undefined) throw new AppError("INVITATION_NOT_FOUND", undefined);
    assertMayTouchOwners(role, [revoked.role]);
    await insertAuditEvent(trx, event);
    return undefined;
  },
});

/**
 * Makes the user a member of the organisation that an emailed link is for, once. The link is good for an account of the address that it
 * was sent to, and for no other.
 *
 * @throws AppError INVITATION_INVALID, MEMBER_LIMIT_REACHED, ORGANISATION_LIMIT_REACHED
 */
export const acceptInvitation = defineCommand({
  plan: async (deps: SignedIn, { token }: AcceptInvitationInput) => {
    const { actor } = deps;
    const now = deps.clock();
    const found = valid(await findInvitation(deps.db, { token_hash: hashToken(token), now }));
    return { actor, now, found, member_id: deps.createId(), audit: auditWriter(deps) };
  },
  write: async (trx, { actor, now, found, member_id, audit }): Promise<Organisation> => {
    const { user_id } = actor;
    const { organisation_id } = found;
    const account = await lockOwnAccount(trx, actor, now);
    if (hashAddress(account.email) !== found.address_hash)
      throw new AppError("INVITATION_INVALID", undefined);
    const organisation = await lockOrganisation(trx, organisation_id);
    // The organisation is held: what is taken here nobody else has taken or taken back meanwhile.
    const taken = await deleteInvitation(trx, found);
    if (organisation === undefined || taken === undefined)
      throw new AppError("INVITATION_INVALID", undefined);
    const known = await findMember(trx, { organisation_id, user_id });
    if (known !== undefined) return toOrganisation(organisation, known.role);
    const { role } = taken;
    await addMember(trx, { id: member_id, organisation_id, user_id, role, joined_at: now });
    const details = { role, invitation_id: found.id, invited_by: found.invited_by };
    const joined = { ...actor, owner_id: organisation_id, role };
    await insertAuditEvent(trx, audit(ownerEvent(joined, { type: "member_joined", details })));
    return toOrganisation(organisation, role);
  },
});

/** @throws AppError MEMBER_LIMIT_REACHED, ORGANISATION_LIMIT_REACHED */
async function addMember(
  trx: DatabaseTransaction,
  row: Parameters<typeof insertMember>[1]["row"],
): Promise<void> {
  if (row.role === "owner") await assertMayOwnMore(trx, row.user_id);
  if ((await insertMember(trx, { row, max: membersMax })) === undefined) {
    throw new AppError("MEMBER_LIMIT_REACHED", { limit: membersMax });
  }
}

/** @throws AppError INVITATION_INVALID */
function valid(found: OpenedInvitationRow | undefined): OpenedInvitationRow {
  if (found === undefined) throw new AppError("INVITATION_INVALID", undefined);
  return found;
}

/** @returns null where the secret that it was sealed with is no longer among the configured ones */
function openAddress(sealer: Sealer, sealed: Uint8Array): string | null {
  try {
    return sealer.open(sealed);
  } catch {
    return null;
  }
}

function toInvitation(row: InvitationRow, email: string | null): Invitation {
  return {
    id: row.id,
    email,
    role: row.role,
    invited_by: row.invited_by,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
  };
}
