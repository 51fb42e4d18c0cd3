import { at } from "./numbers.ts";
import type { SampleTable } from "./sample-table.ts";
import { selectRows } from "./sample-table.ts";

/** One step of a walk-forward evaluation: fit on the past, forecast the days of the fold. */
export interface Fold {
  /** First and last day on which forecasts are made, inclusive. */
  firstDay: number;
  lastDay: number;
  /** Rows known before the fold: their whole target window ends before `firstDay`. */
  trainRows: Int32Array;
  /** Rows of the fold whose outcome is known. */
  testRows: Int32Array;
}

/** How a walk-forward evaluation is laid out. */
export interface WalkForwardPlan {
  horizonDays: number;
  /** Length of the test period, counted back from the last day with a known outcome. */
  backtestDays: number;
  foldCount: number;
}

/**
 * Expanding-window folds over the last `backtestDays` days, oldest first, purged by the horizon: a training row
 * of day d is used only if d + horizon < firstDay, so no outcome of the test period leaks into training
 * (López de Prado, "Advances in Financial Machine Learning", 2018, chapter 7).
 *
 * Short histories get fewer days and folds: at most half of the days are for testing, and a fold is at least
 * one horizon long. No row with a known outcome: no folds.
 */
export function planFolds(table: SampleTable, plan: WalkForwardPlan): Fold[] {
  const known = selectRows(table, (row) => !Number.isNaN(at(table.target, row)));
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const row of known) {
    first = Math.min(first, at(table.day, row));
    last = Math.max(last, at(table.day, row));
  }
  if (known.length === 0) return [];
  const testDays = Math.min(plan.backtestDays, Math.ceil((last - first + 1) / 2));
  const foldCount = Math.max(1, Math.min(plan.foldCount, Math.floor(testDays / plan.horizonDays)));
  const firstTestDay = last - testDays + 1;
  return Array.from({ length: foldCount }, (_unused, fold) => {
    const firstDay = firstTestDay + Math.floor((fold * testDays) / foldCount);
    const lastDay = firstTestDay + Math.floor(((fold + 1) * testDays) / foldCount) - 1;
    return {
      firstDay,
      lastDay,
      trainRows: known.filter((row) => at(table.day, row) + plan.horizonDays < firstDay),
      testRows: known.filter((row) => at(table.day, row) >= firstDay && at(table.day, row) <= lastDay),
    };
  });
}
