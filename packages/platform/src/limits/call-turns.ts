import { createFairTurns, type FairTurns } from "./fair-turns.ts";

/** Lets calls begin so that no caller's many, or heavy, calls keep the event loop from the others. */
export interface CallTurns {
  /**
   * Waits until a call may go on. As long as the event loop has just come round, that is at once. When calls have taken longer
   * than a slice since it did, the next ones wait for the next round, in which they begin one by one for another slice. Callers take turns.
   *
   * @param caller whoever is to be told from others, as far as that is known yet
   */
  begin(caller: string): Promise<void> | undefined;
  /** Does work of an owner, of which only so many calls are under way at once; the others wait for them. */
  inTurn<TResult>(ownerId: string, work: () => Promise<TResult>): Promise<TResult>;
  /**
   * Writes for an owner: of each one at a time, since an owner's writes wait for each other in the database anyway, and of all so few that
   * whoever reads finds a connection, whatever the writes wait for.
   */
  readonly write: FairTurns;
  /**
   * Looks up who a caller is, by the network that he calls from: nothing else is known of him yet, and a flood of calls that are going to
   * be refused must not be first at the database.
   */
  readonly lookUp: FairTurns;
}

export interface CallTurnsOptions {
  /** How long calls may go on beginning in one round of the event loop. @default 5 */
  readonly sliceMs?: number;
  /**
   * Calls of an owner that are under way at once. Less than there are connections to Postgres, so that one owner cannot hold
   * all of them. @default 6
   */
  readonly atOnce?: number;
  /** Writes of all owners that are under way at once: half of the connections to Postgres. @default 5 */
  readonly writesAtOnce?: number;
  /** Milliseconds, of any beginning. @default performance.now */
  readonly now?: () => number;
  /** Calls back in the next round of the event loop. @default setImmediate */
  readonly nextRound?: (callback: () => void) => void;
  /** Calls back once what can go on at once has. @default after all that is resolved */
  readonly afterTurn?: (callback: () => void) => void;
}

type Waiting = Map<string, (() => void)[]>;

/** Turns in one process: callers by round robin (Nagle, RFC 970), one call of each. */
export function createCallTurns(options: CallTurnsOptions = {}): CallTurns {
  const {
    sliceMs = 5,
    atOnce = 6,
    writesAtOnce = 5,
    now = () => performance.now(),
    nextRound = setImmediate,
    afterTurn = afterMicrotasks,
  } = options;
  /** In the order of turns: whoever has had one goes to the end. */
  const waiting: Waiting = new Map();
  /** When the first call of this round of the event loop began. */
  let roundBegan: number | undefined;
  const owners = new Map<string, { running: number; readonly waiting: (() => void)[] }>();

  function beginRound(): void {
    roundBegan = now();
    nextRound(() => {
      roundBegan = undefined;
      if (waiting.size === 0) return;
      beginRound();
      letBegin();
    });
  }

  /** One after the other, each once the one before waits for something or is done, until the slice is used up. */
  function letBegin(): void {
    const next = takeNext(waiting);
    if (next === undefined) return;
    next();
    afterTurn(() => {
      if (roundBegan !== undefined && now() - roundBegan < sliceMs) letBegin();
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

  return {
    begin,
    inTurn,
    write: createFairTurns({ atOnce: writesAtOnce }),
    lookUp: createFairTurns({ atOnce: 8, ofEach: 4 }),
  };
}

/** Node comes to its next tick when no promise can go on any more. */
function afterMicrotasks(callback: () => void): void {
  queueMicrotask(() => process.nextTick(callback));
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
