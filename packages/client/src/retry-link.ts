import type { Operation, TRPCLink } from "@trpc/client";
import { createAsyncLink } from "./async-link.ts";
import { type AnyObsqraError, isObsqraError } from "./obsqra-error.ts";
import type { Pause } from "./pause.ts";
import type { AppRouter } from "./router.ts";

export interface RetryOptions {
  readonly pause: Pause;
  /** From 0 up to 1. */
  readonly random: () => number;
}

const firstDelayMs = 500;
const delayMsMax = 8_000;
/** Whoever is told to wait for longer is told so instead of waiting. */
const retryAfterMsMax = 30_000;
/** How many retries a client has in hand. Each takes one, and ten calls that succeed give one back. */
const budgetMax = 10;
const gain = 0.1;

/**
 * Sends an operation again that failed for the moment, after a pause that grows and is cut at random, or that the service asks for.
 * Queries change nothing, and mutations with an idempotency key are done once. All operations of a client share a budget, so that a
 * service in trouble gets a tenth of retries on top of its calls, not several times as many.
 */
export function createRetryLink({ pause, random }: RetryOptions): TRPCLink<AppRouter> {
  let budget = budgetMax;
  return createAsyncLink(async (op, send) => {
    for (let retries = 0; ; retries += 1) {
      try {
        const envelope = await send(op);
        budget = Math.min(budgetMax, budget + gain);
        return envelope;
      } catch (error) {
        const delayMs = mayRepeat(op, retries) ? delayAfter(error, retries, random) : undefined;
        if (delayMs === undefined || budget < 1) throw error;
        budget -= 1;
        await pause(delayMs, op.signal);
      }
    }
  });
}

function mayRepeat({ type, context }: Operation, retries: number): boolean {
  const { maxRetries = 0, idempotencyKey } = context;
  if (typeof maxRetries !== "number" || retries >= maxRetries) return false;
  return type === "query" || (type === "mutation" && typeof idempotencyKey === "string");
}

/** Undefined for what another attempt would not change. */
function delayAfter(error: unknown, retries: number, random: () => number): number | undefined {
  if (!isObsqraError(error) || !isTransient(error)) return undefined;
  const jitterMs = random() * Math.min(delayMsMax, firstDelayMs * 2 ** retries);
  const { retry_after } = error;
  if (retry_after === undefined) return jitterMs;
  // Not all at once, when the time is over.
  return retry_after * 1_000 > retryAfterMsMax ? undefined : retry_after * 1_000 + jitterMs;
}

/** Whether a failure goes away by itself, and nothing was done or what was done has a key. */
function isTransient({ code, status = 0 }: AnyObsqraError): boolean {
  switch (code) {
    case "CONNECTION_FAILED":
    case "RATE_LIMITED":
      return true;
    default:
      // Of a proxy as well.
      return status === 502 || status === 503 || status === 504;
  }
}
