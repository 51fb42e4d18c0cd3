/** The part of Web Locks that is used; not every browser has them, and nothing else does. */
interface Locks {
  request(
    name: string,
    options: { readonly signal: AbortSignal },
    work: () => Promise<unknown>,
  ): Promise<unknown>;
}

/** A tab that was frozen while it had the lock keeps it. */
const waitMsMax = 10_000;

/**
 * Does something while no other tab of the origin does it; where there are no locks, or another tab takes too long, at once.
 *
 * @throws what the work throws
 */
export async function withLock<TResult>(name: string, work: () => Promise<TResult>): Promise<TResult> {
  const { locks } = (globalThis.navigator ?? {}) as { readonly locks?: Locks };
  if (locks === undefined) return work();
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), waitMsMax);
  let running: Promise<TResult> | undefined;
  const start = () => {
    clearTimeout(timer);
    running ??= work();
    return running;
  };
  try {
    // The lock is kept until the work is over, however it ends.
    await locks.request(name, { signal: waiting.signal }, () => start().catch(() => {}));
  } catch {
    // It was not given in time, or not at all, as in a document that may not store anything.
  }
  return start();
}
