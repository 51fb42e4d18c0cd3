import { DatabaseUnavailableError } from "@obsqra/db";

/**
 * Does a caller's work when its turn comes: of each caller only so much at once, and of all together. Callers take turns.
 *
 * @throws what the work throws; DatabaseUnavailableError when the turn does not come in time
 */
export type FairTurns = <TResult>(caller: string, work: () => Promise<TResult>) => Promise<TResult>;

interface FairTurnsOptions {
  /** Work of all callers that is under way at once. */
  readonly atOnce: number;
  /** Of each caller. @default 1 */
  readonly ofEach?: number;
  /** As long as others wait for a connection to the database. @default 5000 */
  readonly waitMsMax?: number;
}

/** Turns in one process, by round robin. */
export function createFairTurns({ atOnce, ofEach = 1, waitMsMax = 5_000 }: FairTurnsOptions): FairTurns {
  /** In the order of turns: whoever has had one goes to the end. */
  const waiting = new Map<string, Set<() => void>>();
  const underWay = new Map<string, number>();
  let count = 0;

  function mayBegin(caller: string): boolean {
    return count < atOnce && (underWay.get(caller) ?? 0) < ofEach;
  }

  function begin(caller: string): void {
    count += 1;
    underWay.set(caller, (underWay.get(caller) ?? 0) + 1);
  }

  function end(caller: string): void {
    count -= 1;
    const left = (underWay.get(caller) ?? 0) - 1;
    if (left > 0) underWay.set(caller, left);
    else underWay.delete(caller);
  }

  function letNextBegin(): void {
    for (const [caller, [next]] of waiting) {
      if (next === undefined || !mayBegin(caller)) continue;
      const others = leave(caller, next);
      if (others !== undefined) {
        waiting.delete(caller);
        waiting.set(caller, others);
      }
      begin(caller);
      next();
      return;
    }
  }

  function wait(caller: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const goOn = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        leave(caller, goOn);
        reject(new DatabaseUnavailableError("Others kept the database busy for too long."));
      }, waitMsMax);
      waiting.set(caller, (waiting.get(caller) ?? new Set()).add(goOn));
    });
  }

  /** @returns what of the caller still waits; undefined when nothing does */
  function leave(caller: string, goOn: () => void): Set<() => void> | undefined {
    const own = waiting.get(caller);
    own?.delete(goOn);
    if (own !== undefined && own.size > 0) return own;
    waiting.delete(caller);
    return undefined;
  }

  return async (caller, work) => {
    if (mayBegin(caller)) begin(caller);
    else await wait(caller);
    try {
      return await work();
    } finally {
      end(caller);
      letNextBegin();
    }
  };
}
