/** What decides whether to look. */
export interface LookOptions {
  /** Counts what was written, where nobody else writes. @default others may write: only looking shows it */
  readonly writes?: (() => number) | undefined;
  /** After so long it looks in any case. @default 60_000 */
  readonly restMs?: number;
  /** Milliseconds, of any beginning. @default performance.now */
  readonly now?: () => number;
}

/**
 * Looks for something to do only if there may be something: after a look that has left something for later or has failed, when
 * something was written since the last one began, and after a while. Asking is most of what an idle process does.
 *
 * @param look does what there is to do; returns whether anything is left for later
 */
export function lookWhenWritten<TParameters extends readonly unknown[]>(
  look: (...parameters: TParameters) => Promise<boolean>,
  { writes, restMs = 60_000, now = () => performance.now() }: LookOptions,
): (...parameters: TParameters) => Promise<void> {
  /** What was written, and the time, when the last look began that has left nothing. */
  let done: { readonly written: number | undefined; readonly at: number } | undefined;
  return async (...parameters) => {
    const written = writes?.();
    const isDone = done !== undefined && written !== undefined && written === done.written;
    if (isDone && done !== undefined && now() - done.at < restMs) return;
    const begun = { written, at: now() };
    done = undefined;
    if (!(await look(...parameters))) done = begun;
  };
}
