import { wholeBp } from "../limits.ts";
import type { ColumnBounds, LinearProgram } from "./highs-solver.ts";
import type { AllocationProblem } from "./solve-allocation.ts";

/** Row of a {@link shareProgram} that holds the portfolio risk. */
export const riskRow = 1;

/** A linear programme of shares. */
export interface ShareProgram extends LinearProgram {
  /** The column of what is bought above a present holding, by asset; of the others all of the share is bought. */
  readonly bought: ReadonlyMap<number, number>;
}

/**
 * The linear programme of shares between given bounds, in basis points. Columns: one share per asset, then what is
 * bought above each present holding. Rows: sum, risk, then purchases.
 */
export function shareProgram(
  { assets, moveCost, maxRisk }: AllocationProblem,
  { lower, upper }: ColumnBounds,
): ShareProgram {
  const columns = assets.map(({ reward, currentBp }, index) => ({
    // Without a present holding all of the share is bought, so its cost needs no column of its own.
    cost: currentBp > 0 ? -reward : moveCost - reward,
    lower: lower[index] ?? 0,
    upper: upper[index] ?? 0,
  }));
  const bought = new Map<number, number>();
  const program: ShareProgram = {
    columns,
    bought,
    rows: [
      { lower: wholeBp, upper: wholeBp, entries: assets.map((_, w) => [w, 1] as const) },
      {
        lower: 0,
        upper: maxRisk * wholeBp,
        entries: assets.map(({ risk }, w) => [w, risk] as const),
      },
    ],
  };
  if (moveCost === 0) return program;
  assets.forEach(({ currentBp }, w) => {
    if (currentBp === 0) return;
    const column = program.columns.push({ cost: moveCost, lower: 0, upper: wholeBp }) - 1;
    bought.set(w, column);
    const entries = [[w, 1] as const, [column, -1] as const];
    program.rows.push({ lower: Number.NEGATIVE_INFINITY, upper: currentBp, entries });
  });
  return program;
}
