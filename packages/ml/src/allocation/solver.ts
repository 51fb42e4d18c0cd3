import type { Highs, ModelData } from "highs";
import highsModule from "highs";
import { AllocationError } from "./errors.ts";

/** A linear programme under construction: minimise Σ cost · x between bounds and rows. */
export interface LinearProgram {
  readonly columns: { cost: number; lower: number; upper: number; integer: boolean }[];
  readonly rows: { lower: number; upper: number; entries: readonly (readonly [number, number])[] }[];
}

/** What the solver found. Duals are ∂ objective / ∂ bound, zero for programmes with integer columns. */
export interface LinearSolution {
  readonly values: Float64Array;
  readonly columnDuals: Float64Array;
  readonly rowDuals: Float64Array;
  /** How much lower the optimum could still be; 0 when proven. */
  readonly gap: number;
}

/** Loads HiGHS (C++ compiled to WebAssembly): about 30 ms and 20 MB, once per process. */
export async function loadSolver(): Promise<Highs> {
  // The package's types describe its CommonJS build, where the loader is the property `default`; Node resolves
  // the ES module, where it is the default export itself.
  const load = highsModule as unknown as typeof highsModule.default;
  return await load();
}

/**
 * Solves, or answers undefined when no values satisfy the rows. The same programme always gives the same answer:
 * one thread (this build has no other), a fixed seed, and a limit on nodes, never on time.
 *
 * @throws AllocationError `solver_failure` when HiGHS stops without an answer.
 */
export function solve(highs: Highs, program: LinearProgram): LinearSolution | undefined {
  const { modelStatus } = highs.constants;
  return highs.withModel(modelData(highs, program), (model) => {
    model.options.set(OPTIONS);
    model.run();
    const status = model.getModelStatus();
    // Every column is bounded, so "infeasible or unbounded" can only mean infeasible.
    if (status === modelStatus.infeasible || status === modelStatus.unboundedOrInfeasible) return undefined;
    const stopped = status === modelStatus.solutionLimit;
    const feasible = model.info.get("primal_solution_status") === highs.constants.solutionStatus.feasible;
    if (!feasible || !(stopped || status === modelStatus.optimal)) {
      throw new AllocationError("solver_failure", `The solver stopped with status ${status}.`);
    }
    const { colValue, colDual, rowDual } = model.getSolution();
    const gap = stopped ? model.getObjectiveValue() - Number(model.info.get("mip_dual_bound")) : 0;
    return { values: colValue, columnDuals: colDual, rowDuals: rowDual, gap: Math.max(0, gap) };
  });
}

const OPTIONS = {
  output_flag: false,
  random_seed: 0,
  mip_rel_gap: 1e-9,
  mip_abs_gap: 1e-6,
  mip_feasibility_tolerance: 1e-9,
  mip_max_nodes: 5_000,
};

function modelData(highs: Highs, { columns, rows }: LinearProgram): ModelData {
  const { variableType, objectiveSense } = highs.constants;
  const starts = [0];
  for (const { entries } of rows) starts.push((starts.at(-1) ?? 0) + entries.length);
  const entries = rows.flatMap((row) => row.entries);
  const integral = columns.some(({ integer }) => integer);
  return {
    numCols: columns.length,
    numRows: rows.length,
    sense: objectiveSense.minimize,
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
    ...(integral && {
      integrality: columns.map(({ integer }) => (integer ? variableType.integer : variableType.continuous)),
    }),
  };
}
