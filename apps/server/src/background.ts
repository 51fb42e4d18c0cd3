import { setTimeout } from "node:timers/promises";
import type { Logger } from "@obsqra/platform";

/** Work that is done again and again while the server runs. */
export interface BackgroundJob {
  /** For the log, such as `deliver mail`. */
  readonly name: string;
  /** Time from the end of a run to the beginning of the next. */
  readonly everyMs: number;
  /** @param signal aborts when the server stops: finish what is begun, and begin nothing more */
  run(signal: AbortSignal): Promise<unknown>;
}

/** Jobs that run; they end with `await using`. */
export interface Background extends AsyncDisposable {
  /** Lets the running jobs finish and starts none again. May be called twice. */
  close(): Promise<void>;
}

/** What running jobs uses. */
export interface BackgroundDependencies {
  readonly log: Pick<Logger, "error">;
  /** Waits; rejects when the signal aborts. @default a timer */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

/** A job that goes on failing, since the database is away say, neither fills the log nor is forgotten for long. */
const failurePauseMsMax = 60_000;

/**
 * Starts jobs, each at once and then at its rhythm. A job never overlaps itself. A failure is logged, and the job goes on:
 * after twice its rhythm, then four times and so on, up to a minute if its rhythm is not longer, until a run succeeds.
 */
export function startBackground(
  jobs: readonly BackgroundJob[],
  { log, pause = pauseByTimer }: BackgroundDependencies,
): Background {
  const stop = new AbortController();
  const running = jobs.map((job) => repeat(job, { log, pause, signal: stop.signal }));
  const close = async () => {
    stop.abort();
    await Promise.all(running);
  };
  return { close, [Symbol.asyncDispose]: close };
}

async function repeat(
  { name, everyMs, run }: BackgroundJob,
  { log, pause, signal }: Required<BackgroundDependencies> & { readonly signal: AbortSignal },
): Promise<void> {
  let pauseMs = everyMs;
  while (!signal.aborted) {
    try {
      await run(signal);
      pauseMs = everyMs;
    } catch (error) {
      // Whatever was interrupted by the stop has not failed.
      if (signal.aborted) return;
      log.error({ err: error, job: name }, "A job in the background failed");
      pauseMs = Math.max(everyMs, Math.min(2 * pauseMs, failurePauseMsMax));
    }
    // The stop ends the pause, and then the loop.
    await pause(pauseMs, signal).catch(() => {});
  }
}

function pauseByTimer(milliseconds: number, signal: AbortSignal): Promise<unknown> {
  return setTimeout(milliseconds, undefined, { signal });
}
