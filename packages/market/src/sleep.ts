import { setTimeout } from "node:timers/promises";

/** Waits so many milliseconds, or throws the signal's reason when it aborts. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    // The timer wraps the reason in its own AbortError; callers expect the reason itself.
    signal?.throwIfAborted();
    throw error;
  }
}
