import type { ErrorCode, Problem } from "@obsqra/contract";
import { problemStatus } from "@obsqra/contract";

/** Seconds after which trying again makes sense, for the errors that go away by themselves. */
const retryAfterSeconds: { readonly [TCode in ErrorCode]?: number } = {
  DATABASE_UNAVAILABLE: 5,
  CHAIN_UNAVAILABLE: 30,
  SERVER_OVERLOADED: 2,
  // As long as a full queue of passwords takes at most, on one core.
  SERVER_BUSY: 2,
};

/** The headers that the response to an error has to carry, by its code. */
export function problemHeaders({ code, details }: Pick<Problem, "code" | "details">): Record<string, string> {
  const isKnown = typeof details === "object" && details !== null && "retry_after_seconds" in details;
  const seconds = isKnown ? details.retry_after_seconds : retryAfterSeconds[code];
  if (seconds !== undefined) return { "retry-after": String(seconds) };
  // RFC 9110, 12.5.3: what would have been taken.
  if (code === "UNSUPPORTED_CONTENT_ENCODING") return { "accept-encoding": "identity" };
  if (code === "UNSUPPORTED_MEDIA_TYPE") return { accept: "application/json" };
  return problemStatus(code) === 401 ? { "www-authenticate": challenge(code) } : {};
}

/** RFC 6750: `invalid_token` only when a token came and was refused. */
function challenge(code: ErrorCode): string {
  const refused = code === "TOKEN_EXPIRED" || code === "TOKEN_INVALID" || code === "API_KEY_INVALID";
  return refused ? 'Bearer realm="obsqra", error="invalid_token"' : 'Bearer realm="obsqra"';
}
