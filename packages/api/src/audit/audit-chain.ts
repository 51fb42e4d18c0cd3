import { createHash } from "node:crypto";
import { type AuditEventContent, hashEventContent } from "./audit-event.ts";

/** An event as it is stored, in its place. */
export interface ChainedEvent extends Omit<AuditEventContent, "salt"> {
  readonly position: string;
  readonly salt: Uint8Array | null;
  readonly content_hash: Uint8Array;
  readonly previous_hash: Uint8Array;
  readonly hash: Uint8Array;
}

/** How far a chain has been followed: the position of the last event, 0 before the first, and its hash. */
export interface ChainEnd {
  readonly position: number;
  readonly hash: Uint8Array;
}

/** The first place where a chain does not hold: an event is missing, does not follow the one before, or was changed. */
export interface ChainBreak {
  readonly position: number;
  readonly fault: "order" | "link" | "content";
}

export const chainStart: ChainEnd = { position: 0, hash: new Uint8Array(32) };

/**
 * Follows a user's chain over the next events, in order.
 *
 * A chain proves that nothing before its end was changed, left out or put in. It cannot prove that it does not go on: to
 * see that the newest events were cut off, or that all of it was written anew, compare with a hash that was kept outside
 * the database.
 *
 * @param isErased whether the account is, so that its events may be without content
 */
export function followChain(
  end: ChainEnd,
  events: readonly ChainedEvent[],
  isErased: boolean,
): ChainEnd | ChainBreak {
  let { position, hash } = end;
  for (const event of events) {
    position += 1;
    const fault = findFault(event, { position, hash }, isErased);
    if (fault !== undefined) return { position, fault };
    hash = event.hash;
  }
  return { position, hash };
}

/** @param expected the position that the event should have, and the hash that it should follow */
function findFault(
  event: ChainedEvent,
  expected: ChainEnd,
  isErased: boolean,
): ChainBreak["fault"] | undefined {
  if (event.position !== String(expected.position)) return "order";
  if (!areEqual(event.previous_hash, expected.hash)) return "link";
  const hash = createHash("sha256").update(event.previous_hash).update(event.content_hash).digest();
  if (!areEqual(event.hash, hash)) return "link";
  return isContentWhole(event, isErased) ? undefined : "content";
}

function isContentWhole({ salt, ...content }: ChainedEvent, isErased: boolean): boolean {
  // Without its salt, which goes in an erasure only, the content of an event cannot be checked.
  if (salt === null) return isErased;
  return areEqual(content.content_hash, hashEventContent({ ...content, salt }));
}

function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.from(left).equals(right);
}
