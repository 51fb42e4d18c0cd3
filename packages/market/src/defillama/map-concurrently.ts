/**
 * Runs `work` on every item, at most `concurrency` at a time, started in order. Rejects with the first error
 * after the work that is under way has ended; nothing new is started then.
 */
export async function mapConcurrently<TItem, TResult>(
  items: readonly TItem[],
  concurrency: number,
  work: (item: TItem, index: number) => Promise<TResult>,
): Promise<TResult[]> {
  const results: TResult[] = [];
  const entries = items.entries();
  let isStopped = false;

  async function runLane(): Promise<void> {
    for (const [index, item] of entries) {
      if (isStopped) {
        return;
      }
      try {
        results[index] = await work(item, index);
      } catch (error) {
        isStopped = true;
        throw error;
      }
    }
  }

  const lanes = await Promise.allSettled(Array.from({ length: Math.max(1, concurrency) }, runLane));
  for (const lane of lanes) {
    if (lane.status === "rejected") {
      throw lane.reason;
    }
  }
  return results;
}
