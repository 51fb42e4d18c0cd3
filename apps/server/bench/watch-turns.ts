/** What the event loop of this thread did meanwhile, in milliseconds of its processor time. */
export interface Turns {
  /** The longest round: so long nobody else is served, however quiet the machine. */
  readonly longestMs: number;
  readonly totalMs: number;
}

/** Measures rounds of the event loop by the time that this thread had a processor, which another process's load does not change. */
export async function watchTurns(work: () => Promise<unknown>): Promise<Turns> {
  let isWatching = true;
  let longestMs = 0;
  const first = threadCpuMs();
  let last = first;
  const look = () => {
    const now = threadCpuMs();
    longestMs = Math.max(longestMs, now - last);
    last = now;
    if (isWatching) setImmediate(look);
  };
  setImmediate(look);
  await work();
  isWatching = false;
  return { longestMs, totalMs: last - first };
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
