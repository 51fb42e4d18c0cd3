/**
 * Why a market source could give no data at all.
 *
 * - `FILE_NOT_FOUND`, `FILE_UNREADABLE`: the path leads nowhere, or to something that cannot be read.
 * - `FILE_EMPTY`: no header, or a header without rows.
 * - `FILE_CHANGING`: somebody writes to it.
 * - `FILE_CUT_OFF`: it ends in the middle of a row.
 * - `FILE_NOT_GZIP`: named `.gz`, yet not gzip, or damaged.
 * - `FILE_TOO_LARGE`: decompresses to more than the limit.
 * - `HEADER_MISMATCH`: the first line does not name the required columns.
 * - `NOTHING_READABLE`: it has rows, and every one was refused.
 * - `UNREACHABLE`: the service did not respond, also after retries.
 * - `BAD_RESPONSE`: the service sent something other than it documents.
 * - `IMPLAUSIBLE`: what the service sent fits its schema, and cannot be true beside what it sent before.
 * - `SETTINGS_INVALID`: the settings ask for a source without what that source needs.
 */
export type MarketSourceErrorCode =
  | "FILE_NOT_FOUND"
  | "FILE_UNREADABLE"
  | "FILE_EMPTY"
  | "FILE_CHANGING"
  | "FILE_CUT_OFF"
  | "FILE_NOT_GZIP"
  | "FILE_TOO_LARGE"
  | "HEADER_MISMATCH"
  | "NOTHING_READABLE"
  | "UNREACHABLE"
  | "BAD_RESPONSE"
  | "IMPLAUSIBLE"
  | "SETTINGS_INVALID";

/** Thrown by market sources. The message says what to do; the original error is the `cause`. */
export class MarketSourceError extends Error {
  override readonly name = "MarketSourceError";
  readonly code: MarketSourceErrorCode;

  constructor(code: MarketSourceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
