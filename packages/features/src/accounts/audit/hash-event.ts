import { areHashesEqual, hashContent, toHex } from "@obsqra/platform";
import type { AuditEventRow } from "./audit.queries.ts";

/**
 * Whether an event's content is that which was hashed, and nothing of it is left that an erasure takes.
 *
 * @param isErased whether the account is
 */
export function isEventWhole(event: AuditEventRow, isErased: boolean): boolean {
  if (isErased && !isBare(event)) return false;
  if (event.hash_version === 1) return isErased || isOldContentWhole(event);
  const { personal_hash } = event;
  if (personal_hash === null || !areHashesEqual(event.content_hash, hashEvent(event, personal_hash)))
    return false;
  return isErased || (event.salt !== null && areHashesEqual(personal_hash, hashPerson(event, event.salt)));
}

/** Of a bare event of version 1 only the list of logs says what it was: its content cannot be hashed without the salt. */
function isOldContentWhole({ id, type, occurred_at, salt, ...event }: AuditEventRow): boolean {
  if (salt === null) return false;
  const { ip, user_agent, details } = event;
  const content = {
    id,
    type,
    occurred_at: occurred_at.toISOString(),
    ip,
    user_agent,
    details,
    salt: toHex(salt),
  };
  return areHashesEqual(event.content_hash, hashContent(content));
}

function isBare({ ip, user_agent, details, salt }: AuditEventRow): boolean {
  return ip === null && user_agent === null && salt === null && Object.keys(details).length === 0;
}

function hashPerson({ ip, user_agent, details }: AuditEventRow, salt: Uint8Array): Uint8Array {
  return hashContent({ ip, user_agent, details, salt: toHex(salt) });
}

function hashEvent(event: AuditEventRow, personalHash: Uint8Array): Uint8Array {
  return hashContent({
    id: event.id,
    type: event.type,
    occurred_at: event.occurred_at.toISOString(),
    owner_id: event.user_id,
    position: Number(event.position),
    personal_hash: toHex(personalHash),
    hash_version: event.hash_version,
  });
}
