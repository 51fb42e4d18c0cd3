/** Work of several owners, one piece at a time. */
export interface FairQueue {
  /**
   * Does work when the owner's turn comes. Owners take turns, so that whoever asks once waits for at most one piece of
   * each other owner, however many those have asked for.
   *
   * @returns undefined when as much waits already as may
   */
  add<TResult>(ownerId: string, work: () => Promise<TResult>): Promise<TResult> | undefined;
}

/** @param waitingMax - pieces that may wait, of all owners together */
export function createFairQueue(waitingMax: number): FairQueue {
  // In the order of turns: whoever has had one goes to the end.
  const byOwner = new Map<string, (() => Promise<void>)[]>();
  let waiting = 0;
  let isBusy = false;

  async function takeTurns(): Promise<void> {
    isBusy = true;
    for (let turn = byOwner.entries().next(); !turn.done; turn = byOwner.entries().next()) {
      const [ownerId, pieces] = turn.value;
      byOwner.delete(ownerId);
      const piece = pieces.shift();
      if (pieces.length > 0) byOwner.set(ownerId, pieces);
      waiting -= 1;
      await piece?.();
    }
    isBusy = false;
  }

  return {
    add: <TResult>(ownerId: string, work: () => Promise<TResult>) => {
      if (waiting >= waitingMax) return undefined;
      waiting += 1;
      return new Promise<TResult>((resolve, reject) => {
        // A piece that fails is its owner's affair only.
        const piece = () => work().then(resolve, reject);
        const pieces = byOwner.get(ownerId);
        if (pieces === undefined) byOwner.set(ownerId, [piece]);
        else pieces.push(piece);
        if (!isBusy) void takeTurns();
      });
    },
  };
}
