import type { AuditEventType } from "@obsqra/contract";
import type { NewRow, Tables } from "@obsqra/db";
import type { CreateId, RequestFacts } from "@obsqra/platform";

export type NewAuditEventRow = NewRow<Tables["audit_events"]>;

/** Something that happened to the security of an account. */
export interface NewAuditEvent {
  readonly user_id: string;
  readonly type: AuditEventType;
  /** Facts about this occurrence; never secrets. */
  readonly details?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

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
    ip: deps.request.ip ?? null,
    user_agent: deps.request.user_agent ?? null,
    details: JSON.stringify(event.details ?? {}),
    salt: deps.randomBytes(16),
  };
}
