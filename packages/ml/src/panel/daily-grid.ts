import { at } from "../numbers.ts";

/** A span of consecutive days on which gaps are explicit (NaN), so windows mean calendar days. */
export interface DailyGrid {
  firstDay: number;
  dayCount: number;
  /** For each grid day the index of its observation, or −1 in a gap. */
  observationIndex: Int32Array;
}

/** Lays strictly increasing days out on consecutive days. O(span). */
export function dailyGrid(days: Int32Array): DailyGrid {
  const firstDay = days[0] ?? 0;
  const dayCount = days.length === 0 ? 0 : at(days, days.length - 1) - firstDay + 1;
  const observationIndex = new Int32Array(dayCount).fill(-1);
  for (let index = 0; index < days.length; index += 1) observationIndex[at(days, index) - firstDay] = index;
  return { firstDay, dayCount, observationIndex };
}

/** Values on the grid, NaN in gaps; infinite values become NaN too. */
export function spreadOnGrid(grid: DailyGrid, values: ArrayLike<number>): Float64Array {
  const spread = new Float64Array(grid.dayCount).fill(Number.NaN);
  for (let day = 0; day < grid.dayCount; day += 1) {
    const value = at(values, at(grid.observationIndex, day));
    if (Number.isFinite(value)) spread[day] = value;
  }
  return spread;
}
