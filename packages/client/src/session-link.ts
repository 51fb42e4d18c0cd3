import type { Operation, OperationContext, OperationResultEnvelope, TRPCLink } from "@trpc/client";
import { TRPCClientError } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { aborted } from "./checked-fetch.ts";
import { ObsqraError } from "./obsqra-error.ts";
import type { AppRouter, Tokens } from "./router.ts";
import type { Session } from "./session.ts";
import { toObsqraError } from "./to-obsqra-error.ts";

type Envelope = OperationResultEnvelope<unknown, TRPCClientError<AppRouter>>;

const tokensFrom = new Set(["auth.register", "auth.login", "auth.reauthenticate", "auth.refresh"]);
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
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        let cancel: (() => void) | undefined;
        let isCancelled = false;
        run().then(
          (envelope) => {
            observer.next(envelope);
            observer.complete();
          },
          (error: Error) =>
            observer.error(
              op.signal?.aborted === true ? aborted() : toObsqraError(TRPCClientError.from(error)),
            ),
        );
        return () => {
          isCancelled = true;
          cancel?.();
        };

        async function run(): Promise<Envelope> {
          try {
            const envelope = await sendAndRenew();
            if (tokensFrom.has(op.path)) await session.start(readData(envelope) as Tokens);
            if (sessionsEndWith.has(op.path)) await session.end();
            return envelope;
          } finally {
            // Whoever signs out is signed out here, even when the service cannot be told.
            if (op.path === "auth.logout") await session.end();
          }
        }

        async function sendAndRenew(): Promise<Envelope> {
          const context: OperationContext = { ...op.context };
          try {
            return await send(context);
          } catch (error) {
            if (!isTokenRefused(error) || isCancelled) throw error;
            const isRenewed = await session.renew(context[sentToken] as string | undefined);
            if (!isRenewed) throw error;
            return send({ ...op.context });
          }
        }

        function send(context: OperationContext): Promise<Envelope> {
          return new Promise((resolve, reject) => {
            const request = next({ ...op, context }).subscribe({
              next: resolve,
              error: (error) => reject(toObsqraError(error)),
            });
            cancel = () => request.unsubscribe();
          });
        }
      });
}

/** Whether another access token may help. A wrong password is a 401 too, but not about the token. */
function isTokenRefused(error: unknown): boolean {
  if (!(error instanceof ObsqraError)) return false;
  const { code } = error;
  return code === "TOKEN_EXPIRED" || code === "TOKEN_INVALID" || code === "UNAUTHENTICATED";
}

function readData({ result }: Envelope): unknown {
  return "data" in result ? result.data : undefined;
}
