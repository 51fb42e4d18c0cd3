import { isUtf8 } from "node:buffer";
import { assertExact, InexactJsonError } from "@obsqra/json";
import { AppError } from "@obsqra/platform";

/** All that may stand around a value (RFC 8259, 2). */
const nothing = /^[ \t\n\r]*$/;

/**
 * Reads a body of JSON, exactly as it was sent or not at all. Undefined when there is none.
 *
 * @throws AppError MALFORMED_JSON, JSON_AMBIGUOUS
 */
export function readJsonBytes(bytes: Buffer): unknown {
  // Decoding would put U+FFFD in the place of whatever is none, and two passwords would become one.
  if (!isUtf8(bytes)) {
    throw new AppError("JSON_AMBIGUOUS", { issues: [{ path: "", message: "send bytes of UTF-8" }] });
  }
  const text = bytes.toString("utf8");
  return nothing.test(text) ? undefined : readJsonText(text);
}

/**
 * The same for a text, such as that of a query.
 *
 * @throws AppError MALFORMED_JSON, JSON_AMBIGUOUS
 */
export function readJsonText(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError("MALFORMED_JSON", undefined, { cause });
  }
  try {
    assertExact(text);
  } catch (error) {
    if (!(error instanceof InexactJsonError)) throw error;
    throw new AppError("JSON_AMBIGUOUS", { issues: [{ path: error.path, message: error.message }] });
  }
  return value;
}
