import type { Highs, Model, ModelData } from "highs";
import highsModule from "highs";
import { AdviceError } from "../advice-error.ts";

/** A linear programme under construction: minimise Σ cost · x between bounds and rows. */
export interface LinearProgram {
  readonly columns: { cost: number; lower: number; upper: number }[];
  readonly rows: { lower: number; upper: number; entries: readonly (readonly [number, number])[] }[];
}

/** Lowest and highest value per column. */
export interface ColumnBounds {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** What the solver found. Duals are ∂ cost / ∂ bound. */
export interface LinearSolution {
  readonly values: Float64Array;
  readonly columnDuals: Float64Array;
  readonly rowDuals: Float64Array;
  readonly cost: number;
}

/** Solves a programme between other bounds than its own; undefined when no values satisfy the rows. */
export type SolveBetween = (bounds: ColumnBounds) => LinearSolution | undefined;

/** Loads HiGHS (C++ compiled to WebAssembly): about 30 ms and 20 MB, once per process. */
export async function loadSolver(): Promise<Highs> {
  // The package's types describe its CommonJS build, where the loader is the property `default`; Node resolves
  // the ES module, where it is the default export itself.
  const load = highsModule as unknown as typeof highsModule.default;
  return await load();
}

/**
 * Solves, or returns undefined when no values satisfy the rows. The same programme always gives the same solution: one
 * thread (this build has no other), a fixed seed, and no limit on time.
 *
 * @throws AdviceError `solver_failure` when HiGHS stops without a solution.
 */
export function solve(highs: Highs, program: LinearProgram): LinearSolution | undefined {
  return withProgram(highs, program, (solveBetween) => solveBetween(boundsOf(program)));
}

/**
 * Lends a programme that is solved several times between different bounds: each time starts from where the last one
 * ended, which takes a fraction of a start from nothing.
 *
 * @throws AdviceError `solver_failure` as {@link solve}.
 */
export function withProgram<TResult>(
  highs: Highs,
  program: LinearProgram,
  use: (solveBetween: SolveBetween) => TResult,
): TResult {
  return highs.withModel(modelData(highs, program), (model) => {
    model.options.set(solverOptions);
    const columns = { kind: "range", from: 0, to: program.columns.length - 1 } as const;
    return use(({ lower, upper }) => {
      model.changeColsBounds(columns, lower, upper);
      return run(highs, model);
    });
  });
}

/** The bounds that a programme states itself. */
export function boundsOf({ columns }: LinearProgram): ColumnBounds {
  return { lower: columns.map(({ lower }) => lower), upper: columns.map(({ upper }) => upper) };
}

function run({ constants }: Highs, model: Model): LinearSolution | undefined {
  model.run();
  const status = model.getModelStatus();
  const { modelStatus } = constants;
  // Every column is bounded, so "infeasible or unbounded" can only mean infeasible.
  if (status === modelStatus.infeasible || status === modelStatus.unboundedOrInfeasible) return undefined;
  if (status !== modelStatus.optimal) {
    throw new AdviceError("solver_failure", `The solver stopped with status ${status}.`);
  }
  const { colValue, colDual, rowDual } = model.getSolution();
  return { values: colValue, columnDuals: colDual, rowDuals: rowDual, cost: model.getObjectiveValue() };
}

// Presolving programmes of this size takes longer than solving them.
const solverOptions = { output_flag: false, random_seed: 0, presolve: "off" };

/** A programme as HiGHS takes it, all columns continuous. */
function modelData(highs: Highs, { columns, rows }: LinearProgram): ModelData {
  const starts = [0];
  for (const { entries } of rows) starts.push((starts.at(-1) ?? 0) + entries.length);
  const entries = rows.flatMap((row) => row.entries);
  return {
    numCols: columns.length,
    numRows: rows.length,
    sense: highs.constants.objectiveSense.minimize,
    colCost: columns.map(({ cost }) => cost),
    colLower: columns.map(({ lower }) => lower),
    colUpper: columns.map(({ upper }) => upper),
    rowLower: rows.map(({ lower }) => lower),
    rowUpper: rows.map(({ upper }) => upper),
    matrix: {
      format: "csr",
      numRows: rows.length,
      numCols: columns.length,
      starts,
      indices: entries.map(([column]) => column),
      values: entries.map(([, value]) => value),
    },
  };
}
