/**
 * Keeps values that never change in memory, those that were asked for last, as many as a number of bytes has room for. However many
 * ask for one at once, it is read once. Neither a failure nor a value that is not there is kept.
 *
 * @param bytesMax a value that is larger is given, but not kept
 */
export function keepNewest<TValue>(
  bytesMax: number,
  bytesOf: (value: TValue) => number,
  read: (name: string) => Promise<TValue | undefined>,
): (name: string) => Promise<TValue | undefined> {
  /** In the order in which they were asked for. */
  const kept = new Map<string, TValue>();
  const underWay = new Map<string, Promise<TValue | undefined>>();
  let bytes = 0;

  function keep(name: string, value: TValue): void {
    if (bytesOf(value) > bytesMax) return;
    kept.set(name, value);
    bytes += bytesOf(value);
    for (const [oldest, other] of kept) {
      if (bytes <= bytesMax) return;
      kept.delete(oldest);
      bytes -= bytesOf(other);
    }
  }

  async function readAndKeep(name: string): Promise<TValue | undefined> {
    try {
      const value = await read(name);
      if (value !== undefined) keep(name, value);
      return value;
    } finally {
      underWay.delete(name);
    }
  }

  return (name) => {
    const value = kept.get(name);
    if (value !== undefined) {
      kept.delete(name);
      kept.set(name, value);
      return Promise.resolve(value);
    }
    const reading = underWay.get(name) ?? readAndKeep(name);
    underWay.set(name, reading);
    return reading;
  };
}
