import type { AppError } from "@obsqra/api";
import type { ErrorCode } from "@obsqra/contract";
import { problemStatus } from "./problem.ts";

const retryAfterSecondsDefault = 10;

/** Seconds after which trying again makes sense, where it differs from the default. */
const retryAfterSeconds: { readonly [TCode in ErrorCode]?: number } = {
  DATABASE_UNAVAILABLE: 5,
  CHAIN_UNAVAILABLE: 30,
  FORECASTS_NOT_READY: 60,
};

/** The headers that an error answer has to carry, by its code. */
export function problemHeaders({ code }: AppError): Record<string, string> {
  switch (problemStatus(code)) {
    case 401:
      return { "www-authenticate": challenge(code) };
    case 503:
      return { "retry-after": String(retryAfterSeconds[code] ?? retryAfterSecondsDefault) };
    default:
      return {};
  }
}

/** RFC 6750: `invalid_token` only when a token came and was refused. */
function challenge(code: ErrorCode): string {
  const refused = code === "TOKEN_EXPIRED" || code === "TOKEN_INVALID";
  return refused ? 'Bearer realm="obsqra", error="invalid_token"' : 'Bearer realm="obsqra"';
}
