import { ObsqraError } from "./obsqra-error.ts";

/** The error for a call that its signal has ended: with the signal's reason as its cause. */
export function aborted(reason: unknown): ObsqraError<"REQUEST_ABORTED" | "REQUEST_TIMED_OUT"> {
  const options = reason instanceof Error ? { cause: reason } : {};
  // As `AbortSignal.timeout` names it.
  const isTimeout =
    typeof reason === "object" && reason !== null && "name" in reason && reason.name === "TimeoutError";
  return isTimeout
    ? new ObsqraError("REQUEST_TIMED_OUT", undefined, { message: "The call took too long.", ...options })
    : new ObsqraError("REQUEST_ABORTED", undefined, { message: "The call was aborted.", ...options });
}

/** What a signal of ours is aborted with when the time is over. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}
