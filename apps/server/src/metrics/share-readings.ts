import { setTimeout } from "node:timers/promises";

/** From the end of a reading to the beginning of the next one. */
const pauseMs = 200;

/**
 * Reads for all who ask, one reading at a time and with a pause after each, so that whoever scrapes in a loop does not keep the process
 * and the database busy. Whoever asks meanwhile gets what the next one reads: never anything older than the question.
 *
 * @param pause between two readings @default 200 ms
 */
export function shareReadings<TResult>(
  read: () => Promise<TResult>,
  pause: () => Promise<unknown> = () => setTimeout(pauseMs, undefined, { ref: false }),
): () => Promise<TResult> {
  let free: Promise<unknown> = Promise.resolve();
  let next: Promise<TResult> | undefined;

  function beginNext(): Promise<TResult> {
    const reading = free.then(() => {
      next = undefined;
      return read();
    });
    free = reading.then(pause, pause);
    return reading;
  }

  return () => {
    next ??= beginNext();
    return next;
  };
}
