import { LRUCache } from "lru-cache";

/**
 * Keeps values that never change in memory, those that were asked for last, as many as a number of bytes has room for. However many
 * ask for one at once, it is read once. Neither a failure nor a value that is not there is kept.
 *
 * @param bytesMax a value that is larger is given, but not kept
 */
export function keepNewest<TValue extends object | string>(
  bytesMax: number,
  bytesOf: (value: TValue) => number,
  read: (name: string) => Promise<TValue | undefined>,
): (name: string) => Promise<TValue | undefined> {
  const kept = new LRUCache<string, TValue>({
    maxSize: bytesMax,
    // The cache takes no size of nothing.
    sizeCalculation: (value) => Math.max(1, bytesOf(value)),
    fetchMethod: read,
  });
  return (name) => kept.fetch(name);
}
