import { FuzzFailure } from "./fuzz-failure.ts";
import type { MemoryUse } from "./server/fuzz-server.ts";

/** What a process used after so many calls. */
export interface MemorySample extends MemoryUse {
  readonly calls: number;
}

const mebibyte = 2 ** 20;

/** So much of the heap may come and go with caches that are full only after a while. */
const heapToleranceBytes = 16 * mebibyte;

/**
 * Compares the heap after the last quarter of the calls with that after the first, by which time everything is warm.
 *
 * @throws FuzzFailure growing_memory when it has grown by more than the tolerance
 */
export function assertMemoryFlat(samples: readonly MemorySample[]): void {
  const quarter = samples[Math.floor(samples.length / 4)];
  const last = samples.at(-1);
  if (quarter === undefined || last === undefined) return;
  const grown = last.heap - quarter.heap;
  if (grown <= heapToleranceBytes) return;
  const calls = last.calls - quarter.calls;
  throw new FuzzFailure("growing_memory", `the heap grew by ${inMebibytes(grown)} in ${calls} calls`);
}

/** One line per quarter. */
export function describeMemory(samples: readonly MemorySample[]): string[] {
  return [1, 2, 3, 4].flatMap((quarter) => {
    const sample = samples[Math.ceil((samples.length * quarter) / 4) - 1];
    if (sample === undefined) return [];
    const { calls, heap, external, resident } = sample;
    const sizes = `heap ${inMebibytes(heap)}, external ${inMebibytes(external)}, resident ${inMebibytes(resident)}`;
    return [`Memory after ${calls} calls: ${sizes}`];
  });
}

function inMebibytes(bytes: number): string {
  return `${(bytes / mebibyte).toFixed(1)} MiB`;
}
