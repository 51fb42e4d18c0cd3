import type { AuditEventType } from "@obsqra/contract";
import type { NewRow, Tables } from "@obsqra/db";
import { type Actor, type CreateId, isForOrganisation, type RequestFacts } from "@obsqra/platform";

export type NewAuditEventRow = NewRow<Tables["audit_events"]>;

/** Something that happened to the security of an account. */
export interface NewAuditEvent {
  readonly user_id: string;
  readonly type: AuditEventType;
  /** Facts about this occurrence; never secrets. */
  readonly details?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  /** Who did it, in the log of an organisation. @default whoever the log is of */
  readonly by?: { readonly member_id: string } | { readonly api_key_id: string };
}

/** Something that somebody did with what belongs to an owner. */
export type OwnerEvent = Omit<NewAuditEvent, "user_id" | "by">;

/** What making an event uses. */
export interface AuditEventDependencies {
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Neither is known of what the service or its operator does. */
  readonly request: Pick<RequestFacts, "ip" | "user_agent">;
}

/** For what the service does by itself, or its operator at the machine. */
export const noRequest: AuditEventDependencies["request"] = { ip: undefined, user_agent: undefined };

/**
 * An event of the log of the owner that somebody acts for. That of an organisation says which member, or which API key of it.
 */
export function ownerEvent(
  actor: Pick<Actor, "owner_id" | "user_id" | "role" | "user" | "api_key_id">,
  event: OwnerEvent,
): NewAuditEvent {
  const { owner_id: user_id, api_key_id } = actor;
  if (!isForOrganisation(actor)) return { ...event, user_id };
  const by = api_key_id === undefined ? { member_id: actor.user_id } : { api_key_id };
  return { ...event, user_id, by };
}

/** Makes the row of an event that is still to be inserted. */
export type AuditWriter = (event: NewAuditEvent) => NewAuditEventRow;

/** Makes the rows of events, for a command that knows only while it writes what has happened. */
export function auditWriter({ clock, createId, randomBytes, request }: AuditEventDependencies): AuditWriter {
  return (event) => prepareEvent({ clock, createId, randomBytes, request }, event);
}

/** Makes the row of an event; the database adds its place in the chain, and the hashes. */
export function prepareEvent(deps: AuditEventDependencies, event: NewAuditEvent): NewAuditEventRow {
  return {
    id: deps.createId(),
    user_id: event.user_id,
    type: event.type,
    occurred_at: deps.clock(),
    // Where a member was, and with what, is the member's own business, and would outlive the member's account here.
    ip: event.by === undefined ? (deps.request.ip ?? null) : null,
    user_agent: event.by === undefined ? (deps.request.user_agent ?? null) : null,
    details: JSON.stringify({ ...event.details, ...event.by }),
    salt: deps.randomBytes(16),
  };
}
