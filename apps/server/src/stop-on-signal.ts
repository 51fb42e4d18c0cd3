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
 */
export function stopOnSignal(graceMs: number, endNow: () => void): Stop {
  const controller = new AbortController();
  const requested = Promise.withResolvers<void>();
  const onSignal = () => {
    if (controller.signal.aborted) {
      endNow();
      return;
    }
    controller.abort();
    requested.resolve();
    setTimeout(endNow, graceMs).unref();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return { signal: controller.signal, requested: requested.promise };
}
