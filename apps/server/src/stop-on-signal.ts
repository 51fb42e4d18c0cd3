/** How a running server learns that it should stop. */
export interface Stop {
  /** Aborts with the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Resolves then. */
  readonly requested: Promise<void>;
}

/**
 * Turns the first SIGINT (Ctrl-C) or SIGTERM into an orderly stop. A second one, or an orderly stop that takes longer
 * than the grace, ends the process at once.
 *
 * @param message of the process that has started this one, which asks for an orderly stop as well, however often. @default there is none
 */
export function stopOnSignal(graceMs: number, endNow: () => void, message?: string): Stop {
  const controller = new AbortController();
  const requested = Promise.withResolvers<void>();
  const stop = () => {
    if (controller.signal.aborted) return;
    controller.abort();
    requested.resolve();
    setTimeout(endNow, graceMs).unref();
  };
  const onSignal = () => {
    if (controller.signal.aborted) endNow();
    else stop();
  };
  if (message !== undefined) {
    process.on("message", (received) => {
      if (received === message) stop();
    });
  }
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return { signal: controller.signal, requested: requested.promise };
}
