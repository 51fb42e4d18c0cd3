import { createHash } from "node:crypto";

/** A strong entity tag (RFC 9110, 8.8.3): the same bytes have the same, on every server. */
export function entityTag(body: string): string {
  return `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
}

/** An opaque tag may contain commas, so a list is not simply split at them. */
const tagInList = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/** Whether a caller who sends this `If-None-Match` has the body with this tag already (RFC 9110, 13.1.2). */
export function isKnownTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  // The comparison is the weak one: `W/` in front makes no difference.
  return Array.from(ifNoneMatch.matchAll(tagInList), ([, opaque]) => opaque).includes(tag);
}
