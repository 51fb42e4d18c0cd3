/** Lets calls begin so that no caller's many, or heavy, calls keep the event loop from the others. */
export interface CallTurns {
  /**
   * Waits until a call may go on. As long as the event loop has just come round, that is at once. When calls have taken longer
   * than a slice since it did, the next ones begin one by one, a round of the loop for each, and callers take turns.
   *
   * @param caller whoever is to be told from others, as far as that is known yet
   */
  begin(caller: string): Promise<void> | undefined;
  /** Does work of an owner, of which only so many calls are under way at once; the others wait for them. */
  inTurn<TResult>(ownerId: string, work: () => Promise<TResult>): Promise<TResult>;
}

export interface CallTurnsOptions {
  /** How long calls may go on beginning in one round of the event loop. @default 5 */
  readonly sliceMs?: number;
  /**
   * Calls of an owner that are under way at once. Less than there are connections to Postgres, so that one owner cannot hold
   * all of them. @default 6
   */
  readonly atOnce?: number;
  /** Milliseconds, of any beginning. @default performance.now */
  readonly now?: () => number;
  /** Calls back in the next round of the event loop. @default setImmediate */
  readonly nextRound?: (callback: () => void) => void;
}

type Waiting = Map<string, (() => void)[]>;

/** Turns in one process: callers by round robin (Nagle, RFC 970), one call of each. */
export function createCallTurns(options: CallTurnsOptions = {}): CallTurns {
  const { sliceMs = 5, atOnce = 6, now = () => performance.now(), nextRound = setImmediate } = options;
  /** In the order of turns: whoever has had one goes to the end. */
  const waiting: Waiting = new Map();
  /** When the first call of this round of the event loop began. */
  let roundBegan: number | undefined;
  const owners = new Map<string, { running: number; readonly waiting: (() => void)[] }>();

  function beginRound(): void {
    roundBegan = now();
    nextRound(() => {
      roundBegan = undefined;
      const next = takeNext(waiting);
      if (next === undefined) return;
      // What it does comes after this callback, and is measured by whoever asks to begin next.
      beginRound();
      next();
    });
  }

  function begin(caller: string): Promise<void> | undefined {
    if (waiting.size === 0) {
      if (roundBegan === undefined) beginRound();
      else if (now() - roundBegan >= sliceMs) return wait(waiting, caller);
      return undefined;
    }
    return wait(waiting, caller);
  }

  async function inTurn<TResult>(ownerId: string, work: () => Promise<TResult>): Promise<TResult> {
    const owner = owners.get(ownerId) ?? { running: 0, waiting: [] };
    owners.set(ownerId, owner);
    if (owner.running >= atOnce) await new Promise<void>((resolve) => owner.waiting.push(resolve));
    else owner.running += 1;
    try {
      await begin(ownerId);
      return await work();
    } finally {
      const next = owner.waiting.shift();
      // Whoever waits takes this one's place.
      if (next !== undefined) next();
      else {
        owner.running -= 1;
        if (owner.running === 0) owners.delete(ownerId);
      }
    }
  }

  return { begin, inTurn };
}

function wait(waiting: Waiting, caller: string): Promise<void> {
  return new Promise((resolve) => {
    const calls = waiting.get(caller);
    if (calls === undefined) waiting.set(caller, [resolve]);
    else calls.push(resolve);
  });
}

function takeNext(waiting: Waiting): (() => void) | undefined {
  for (const [caller, calls] of waiting) {
    waiting.delete(caller);
    const next = calls.shift();
    if (calls.length > 0) waiting.set(caller, calls);
    return next;
  }
  return undefined;
}
