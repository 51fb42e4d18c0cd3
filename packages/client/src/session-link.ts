import type { Operation, OperationContext, TRPCLink } from "@trpc/client";
import { createAsyncLink, type Envelope } from "./async-link.ts";
import { isObsqraError, ObsqraError } from "./obsqra-error.ts";
import type { AppRouter, Tokens } from "./router.ts";
import type { Session } from "./session.ts";

const tokensFrom = new Set([
  "auth.register",
  "auth.login",
  "auth.complete_login",
  "auth.login_with_passkey",
  "auth.login_with_identity",
  "auth.reauthenticate",
  "auth.refresh",
]);
const sessionsEndWith = new Set(["auth.logout_everywhere", "users.schedule_deletion"]);

/** Key in an operation's context: the access token that its request carried. */
const sentToken = "obsqra.sent_token";

/** Notes which token a request carries, so that each of its operations can tell whether it has been renewed since. */
export function noteSentToken(operations: readonly Operation[], token: string | undefined): void {
  for (const { context } of operations) context[sentToken] = token;
}

/**
 * Keeps the session: stores tokens that the service gives, renews a refused access token and tries the operation once
 * more, forgets the tokens on sign-out. Works per operation, because in a batch each has its own 401.
 */
export function createSessionLink(session: Session): TRPCLink<AppRouter> {
  return createAsyncLink(async (op, send) => {
    const startsSession = tokensFrom.has(op.path);
    // The tokens would be lost, and with a refresh token that works once the session.
    if (startsSession && session.isReadOnly) throw readOnly();
    try {
      const envelope = await sendAndRenew();
      if (startsSession) await session.start(readData(envelope) as Tokens);
      if (sessionsEndWith.has(op.path)) await session.end();
      return envelope;
    } finally {
      // Whoever signs out is signed out here, even when the service cannot be told.
      if (op.path === "auth.logout") await session.end();
    }

    async function sendAndRenew(): Promise<Envelope> {
      const context: OperationContext = { ...op.context };
      try {
        return await send({ ...op, context });
      } catch (error) {
        if (!isTokenRefused(error) || op.signal?.aborted === true) throw error;
        const token = context[sentToken] as string | undefined;
        if (session.isReadOnly && token !== undefined) throw readOnly(error);
        if (!(await session.renew(token))) throw error;
        return send({ ...op, context: { ...op.context } });
      }
    }
  });
}

/** Whether another access token may help. A wrong password is a 401 too, but not about the token. */
function isTokenRefused(error: unknown): error is ObsqraError {
  if (!isObsqraError(error)) return false;
  const { code } = error;
  return code === "TOKEN_EXPIRED" || code === "TOKEN_INVALID" || code === "UNAUTHENTICATED";
}

function readOnly(cause?: ObsqraError): ObsqraError<"SESSION_READ_ONLY"> {
  const message =
    "The session cannot be renewed here, where its tokens can only be read. Renew it where they can be written, before.";
  const { status, request_id } = cause ?? {};
  return new ObsqraError("SESSION_READ_ONLY", undefined, { message, status, request_id, cause });
}

function readData({ result }: Envelope): unknown {
  return "data" in result ? result.data : undefined;
}
