import { AppError } from "../errors/app-error.ts";

/** As in `"abc"`: a quoted text of a structured header (RFC 9651, 3.3.3). */
const quotedText = /^"((?:[^"\\]|\\["\\])*)"$/;
const visibleAscii = /^[\x21-\x7e]{1,255}$/;

/**
 * Reads a key as a caller sent it. The draft of the header (draft-ietf-httpapi-idempotency-key-header) has it in quotes and
 * most clients leave them out, so that both mean the same.
 *
 * @throws AppError IDEMPOTENCY_KEY_INVALID
 */
export function readIdempotencyKey(text: string): string {
  const key = parseIdempotencyKey(text);
  if (key === undefined) throw new AppError("IDEMPOTENCY_KEY_INVALID", undefined);
  return key;
}

/** The same; undefined for what is no key. */
export function parseIdempotencyKey(text: string): string | undefined {
  const isQuoted = text.startsWith('"');
  const key = isQuoted ? quotedText.exec(text)?.[1]?.replaceAll(/\\(.)/g, "$1") : text;
  return key !== undefined && visibleAscii.test(key) ? key : undefined;
}
