import { at } from "../numbers.ts";

/** Values in groups of equal size. */
export interface EqualGroups {
  /** All values, ascending. */
  sorted: Float64Array;
  /** Where each group ends in it. */
  ends: readonly number[];
  /** The group of each value, in the order in which they were given. */
  groupOf: Int32Array;
}

/**
 * Puts values into groups by ascending value; of equal ones, the first come first. None may be NaN. Sorts by the engine's own order of numbers, which takes
 * a tenth of the time of one that compares places.
 */
export function equalGroups(values: Float64Array, count: number): EqualGroups {
  const n = values.length;
  const sorted = values.toSorted();
  const ends = Array.from({ length: count }, (_unused, group) => Math.floor(((group + 1) * n) / count));
  const bounds = ends.map((end) => (end === 0 ? Number.NEGATIVE_INFINITY : at(sorted, end - 1)));
  // Values that equal a bound may be in several groups: these go by how many there were before.
  const ranks = new Map(bounds.map((bound) => [bound, sorted.indexOf(bound)]));
  const groupOf = new Int32Array(n);
  for (let index = 0; index < n; index += 1) {
    const value = at(values, index);
    let group = 0;
    while (value > at(bounds, group)) group += 1;
    const rank = value === bounds[group] ? ranks.get(value) : undefined;
    if (rank !== undefined) {
      ranks.set(value, rank + 1);
      while (rank >= at(ends, group)) group += 1;
    }
    groupOf[index] = group;
  }
  return { sorted, ends, groupOf };
}
