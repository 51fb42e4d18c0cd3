import type { Screen } from "./place.ts";

/** Shows at a terminal how long something has been waited for, once that is more than a second. */
export async function waitVisibly<TResult>(screen: Screen, work: Promise<TResult>): Promise<TResult> {
  if (!screen.isTerminal) return work;
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += 1;
    screen.write(`\rWaiting for the service … ${seconds} s`);
  }, 1_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    // Goes back to the start of the line, and clears what was there.
    if (seconds > 0) screen.write("\r\u001b[2K");
  }
}
