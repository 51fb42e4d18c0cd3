import { defaultPreferences, type Tokens } from "@obsqra/contract";
import type { DatabaseTransaction, NewRow, Tables } from "@obsqra/db";
import type { Emit } from "@obsqra/platform";
import { prepareEmail } from "../../mail/outbox.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { type NewAuditEventRow, prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { prepareSession } from "../sign-in/new-session.ts";
import {
  insertSession,
  insertUser,
  type NewSessionRows,
  type NewUserRow,
} from "../sign-in/sign-in.queries.ts";
import { insertIdentity, type NewIdentityRow } from "./identities.queries.ts";
import type { IdentityProvider, ProvenIdentity } from "./providers/identity-provider.ts";
import { insertSessionIdentity } from "./session-identities.queries.ts";

/** An account that an identity makes. */
export interface Registration {
  readonly user: NewUserRow;
  readonly identity: NewIdentityRow;
  readonly session: NewSessionRows & { readonly mail: NewRow<Tables["email_outbox"]> };
  readonly provider_session: string | null;
  readonly events: readonly NewAuditEventRow[];
  readonly tokens: Tokens;
}

/** Makes an account without a password. Its address is confirmed: the provider has verified it. */
export async function prepareRegistration(
  deps: AuthDependencies,
  given: { readonly provider: IdentityProvider; readonly proven: ProvenIdentity; readonly email: string },
): Promise<Registration> {
  const { provider, proven, email } = given;
  const now = deps.clock();
  const user_id = deps.createId();
  const identity_id = deps.createId();
  const { rows, tokens } = await prepareSession(deps, user_id);
  const mail = prepareEmail(deps, user_id, {
    template: "identity_linked",
    to: email,
    at: now.toISOString(),
    ...{ provider: provider.name, email },
  });
  const method = { method: "identity", provider: provider.id, identity_id };
  return {
    user: {
      id: user_id,
      email,
      email_verified_at: now,
      full_name: proven.name ?? email.slice(0, email.lastIndexOf("@")),
      wallet_address: null,
      preferences: JSON.stringify(defaultPreferences),
      created_at: now,
      updated_at: now,
    },
    identity: {
      id: identity_id,
      user_id,
      ...{ issuer: provider.issuer, subject: proven.subject, email },
      created_at: now,
      last_used_at: now,
    },
    session: { ...rows, mail },
    provider_session: proven.session ?? null,
    events: [
      prepareEvent(deps, { user_id, type: "registered", details: method }),
      prepareEvent(deps, { user_id, type: "identity_linked", details: { ...method, email } }),
    ],
    tokens,
  };
}

/** Stores an account with the identity that has made it, and its first session. */
export async function insertRegistration(
  trx: DatabaseTransaction,
  { user, identity, session, provider_session, events }: Registration,
  emit: Emit,
): Promise<void> {
  await insertUser(trx, user);
  await insertIdentity(trx, { row: identity, countMax: 1 });
  await insertSession(trx, session);
  const { id: session_id } = session.session;
  await insertSessionIdentity(trx, { session_id, identity_id: identity.id, provider_session });
  for (const event of events) await insertAuditEvent(trx, event);
  emit({ type: "user.registered", subject: user.id, owner_id: user.id, payload: {} });
}
