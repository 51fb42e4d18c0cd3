import type { LimitCounter } from "../limits/call-limiter.ts";

/** How far a limit is used, for the caller who has used it (draft-ietf-httpapi-ratelimit-headers-10). */
export interface LimitState {
  /** Such as `ip`. */
  readonly policy: string;
  /** Points that fit into a window. */
  readonly quota: number;
  readonly window_seconds: number;
  /** Points that are left in this window, from 0. */
  readonly remaining: number;
  /** Seconds until points are left again. */
  readonly reset_seconds: number;
}

/** What a host tells the caller about a response besides its body. Filled while the call, or a batch of them, runs. */
export interface ResponseFacts {
  /** By policy; of several calls, as the last one left it. */
  readonly limits: Map<string, LimitState>;
  /** Whether the response is that of an earlier call with the same idempotency key. */
  isReplayed: boolean;
  /** Whose limits the calls are counted against, for what is known of them only at the end. */
  paidBy: readonly LimitCounter[];
  /** Tells the host how many bytes a call's result takes, as soon as that is known. */
  noteBytes?: (bytes: number) => void;
  /** Gets the result of each call while it has its turn, for a host that cannot tell the bytes otherwise before they are sent. */
  onResult?: (result: unknown) => void;
}

/** The facts of a response that nothing has been counted for yet. */
export function createResponseFacts(): ResponseFacts {
  return { limits: new Map(), isReplayed: false, paidBy: [] };
}
