import { at } from "../numbers.ts";
import { type BuiltProgram, type MarketProblem, type PlaceColumns, shareMinBp } from "./share-program.ts";
import type { Branch } from "./solver/branch-and-bound.ts";
import { boundsOf, type ColumnBounds, type LinearSolution } from "./solver/highs-solver.ts";
import { wholeBp } from "./tolerances.ts";

/** Of the gas, and of a share in basis points: the rounding of the solver. */
const negligible = 1e-6;

/** What may be decided about places: whether each is touched, and its gas paid in full. */
interface PlaceDecisions {
  /** Nothing is decided. */
  readonly root: ColumnBounds;
  readonly branch: Branch;
  /** These places are touched and no others. */
  decide(touched: ReadonlySet<number>): ColumnBounds;
  /** The places that a permitted solution touches. */
  touchedIn(solution: Pick<LinearSolution, "values">): ReadonlySet<number>;
  /** The gas of the places that are touched by decision; that of the others is in the columns. */
  gasOf(bounds: ColumnBounds): number;
}

/**
 * Decisions as bounds of columns. A place that is not decided about has its columns with gas spread over them; one that is touched those
 * without, and a smallest share; one that is not touched has neither.
 */
export function decisionsOf(problem: MarketProblem, built: BuiltProgram): PlaceDecisions {
  const whole = boundsOf(built);
  const places = [...built.decisions].map(([index, columns]) => {
    const { gasCost = 0, currentBp = 0 } = problem.places[index] ?? {};
    return { index, columns, gas: gasCost * wholeBp, isNew: currentBp === 0 };
  });
  const close = (upper: number[], columns: readonly number[]) => {
    for (const column of columns) upper[column] = 0;
  };
  const leave = ({ lower, upper }: ColumnBounds, { whole: own, spread }: PlaceColumns): ColumnBounds => {
    const closed = [...upper];
    close(closed, [...own, ...spread]);
    return { lower, upper: closed };
  };
  const touch = (
    { lower, upper }: ColumnBounds,
    { columns: { whole: own, spread }, isNew }: Pick<(typeof places)[number], "columns" | "isNew">,
  ): ColumnBounds => {
    const [least, most] = [[...lower], [...upper]];
    close(most, spread);
    let missing = isNew ? shareMinBp : 0;
    for (const column of own) {
      most[column] = at(whole.upper, column);
      // Each piece pays no more than the one before, so that the smallest share is that of the first ones.
      least[column] = Math.min(missing, at(whole.upper, column));
      missing -= at(least, column);
    }
    return { lower: least, upper: most };
  };
  const root: ColumnBounds = { lower: whole.lower, upper: [...whole.upper] };
  for (const { columns } of places) close(root.upper as number[], columns.whole);
  const isTouched = ({ upper }: ColumnBounds, { whole: own }: PlaceColumns) =>
    own.some((column) => at(upper, column) > 0);

  return {
    root,
    branch: ({ values }, bounds) => {
      let widest: (typeof places)[number] | undefined;
      // The one whose gas is counted too low by most.
      let most = Number.NEGATIVE_INFINITY;
      for (const place of places) {
        const part = openPart(values, place.columns.spread, { whole, isNew: place.isNew });
        if (part === undefined || place.gas * part <= most) continue;
        [widest, most] = [place, place.gas * part];
      }
      return widest && [leave(bounds, widest.columns), touch(bounds, widest)];
    },
    decide: (touched) =>
      places.reduce(
        (bounds, place) => (touched.has(place.index) ? touch(bounds, place) : leave(bounds, place.columns)),
        root,
      ),
    touchedIn: ({ values }) => {
      const isMoved = (column: number) => at(values, column) > negligible;
      const touched = places.filter(({ columns }) => [...columns.whole, ...columns.spread].some(isMoved));
      return new Set(touched.map(({ index }) => index));
    },
    gasOf: (bounds) =>
      places.reduce((sum, { columns, gas }) => (isTouched(bounds, columns) ? sum + gas : sum), 0),
  };
}

/** Which part of its gas a place does not pay that the columns touch; undefined where what they say is permitted. */
function openPart(
  values: Float64Array,
  spread: readonly number[],
  { whole, isNew }: { readonly whole: ColumnBounds; readonly isNew: boolean },
): number | undefined {
  const partOf = (column: number) => {
    const range = at(whole.upper, column);
    return range === 0 ? 0 : at(values, column) / range;
  };
  // Of a new holding the first piece has it all; of what is held, what is bought and what is sold have it each.
  const parts = (isNew ? spread.slice(0, 1) : spread).map(partOf);
  const paid = parts.reduce((sum, part) => sum + part, 0);
  const share = spread.reduce((sum, column) => sum + at(values, column), 0);
  if (share <= negligible) return undefined;
  // Below the smallest share a new holding is none, whatever it pays.
  const isPermitted = paid >= 1 - negligible && !(isNew && share < shareMinBp - negligible);
  return isPermitted ? undefined : 1 - paid;
}
