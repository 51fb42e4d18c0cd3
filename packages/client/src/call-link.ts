import type { Operation, TRPCLink } from "@trpc/client";
import { aborted, TimeoutError } from "./aborted.ts";
import { createAsyncLink, type Envelope } from "./async-link.ts";
import { createKey } from "./create-key.ts";
import type { AppRouter } from "./router.ts";

/** What a call may take as its `context`. */
export interface CallContext {
  /** Names what is to be done, so that it is done once however often it is sent. @default a new one for each mutation */
  readonly idempotencyKey?: string | undefined;
  /** How long the call may take, with all of its retries. @default the client's */
  readonly timeoutMs?: number | undefined;
  /** How often the call may be sent again. @default the client's */
  readonly maxRetries?: number | undefined;
}

/** What a client has for calls that say nothing else. */
export interface CallDefaults {
  readonly timeoutMs: number;
  readonly maxRetries: number;
}

/**
 * The outermost link: what holds for a call as a whole, however often it is sent. It ends with its signal or its time, and a mutation
 * that may be sent again has the same idempotency key each time.
 */
export function createCallLink(defaults: CallDefaults): TRPCLink<AppRouter> {
  return createAsyncLink(async (op, send) => {
    const { timeoutMs = defaults.timeoutMs, maxRetries = defaults.maxRetries, ...context } = op.context;
    const idempotencyKey =
      context.idempotencyKey !== undefined
        ? context.idempotencyKey
        : op.type === "mutation" && isPositive(maxRetries)
          ? createKey()
          : undefined;
    const call = { ...op, context: { ...context, maxRetries, idempotencyKey } };
    if (op.type === "subscription") return send(call);
    return withinTime(call, typeof timeoutMs === "number" ? timeoutMs : defaults.timeoutMs, send);
  });
}

function isPositive(count: unknown): boolean {
  return typeof count === "number" && count > 0;
}

/** Ends a call with its signal or its time, also where others in the same batch go on. */
function withinTime(
  op: Operation,
  timeoutMs: number,
  send: (op: Operation) => Promise<Envelope>,
): Promise<Envelope> {
  const controller = new AbortController();
  return new Promise<Envelope>((resolve, reject) => {
    const end = (reason: unknown) => {
      reject(aborted(reason));
      controller.abort(reason);
    };
    const stop = () => end(op.signal?.reason);
    if (op.signal?.aborted === true) return stop();
    const timer =
      timeoutMs === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeout(() => end(new TimeoutError(`The call took more than ${timeoutMs} ms.`)), timeoutMs);
    op.signal?.addEventListener("abort", stop, { once: true });
    send({ ...op, signal: controller.signal })
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        op.signal?.removeEventListener("abort", stop);
      });
  });
}
