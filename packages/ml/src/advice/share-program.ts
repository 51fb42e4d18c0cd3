import type { LinearProgram } from "./solver/highs-solver.ts";
import { wholeBp } from "./tolerances.ts";

/** Where money may be, in the programme's terms. Shares are in basis points, money's worth in percentage points of APY. */
export interface Place {
  readonly protocol: string;
  readonly currentBp: number;
  /** 0 where it must leave. */
  readonly capBp: number;
  /** Whether what is held stays whatever it earns. */
  readonly isLocked: boolean;
  readonly risk: number;
  /** What shares earn, piece by piece: each piece pays no more than the one before. */
  readonly pieces: readonly { readonly lengthBp: number; readonly apy: number }[];
  /** Yearly cost of what enters or leaves, for a whole portfolio. */
  readonly enterCost: number;
  readonly leaveCost: number;
  /** Yearly cost of touching it at all. */
  readonly gasCost: number;
}

/** The question in the programme's terms. What is in no place earns nothing and risks nothing. */
export interface MarketProblem {
  readonly places: readonly Place[];
  /** Largest share of each protocol, basis points. */
  readonly protocolCaps: ReadonlyMap<string, number>;
  /** Largest share-weighted risk score. */
  readonly maxRisk: number;
  /** Percentage points of APY that a point of risk must earn. */
  readonly riskAversion: number;
}

/** A new holding below this, basis points, is not worth its place. */
export const shareMinBp = 100;

/** How gas is paid: in proportion to the part of the cap, by a column of yes and no, or for these places and no others. */
type GasRule =
  | { readonly gas: "proportional" }
  | { readonly gas: "switched" }
  | { readonly gas: "paid"; readonly touched: ReadonlySet<number> };

/** A programme, and where in it is what. */
export interface BuiltProgram extends LinearProgram {
  /** The columns of the pieces of each place that is in it. */
  readonly pieces: ReadonlyMap<number, readonly number[]>;
  /** The columns that say whether a place is touched. */
  readonly switches: ReadonlyMap<number, number>;
  readonly protocolRows: ReadonlyMap<string, number>;
  /** What is paid whatever the columns say. */
  readonly fixedCost: number;
}

/** The row of the limit of risk. */
export const riskRow = 1;

/** The linear programme over some of the places; held ones have to be among them. */
export function buildProgram(
  problem: MarketProblem,
  indices: readonly number[],
  rule: GasRule,
): BuiltProgram {
  const columns: LinearProgram["columns"] = [];
  const rows: LinearProgram["rows"] = [];
  const pieces = new Map<number, readonly number[]>();
  const switches = new Map<number, number>();
  const addColumn = (cost: number, upper: number) => columns.push({ cost, lower: 0, upper }) - 1;
  let fixedCost = 0;

  for (const index of indices) {
    const place = problem.places[index];
    if (place === undefined) continue;
    const { currentBp, capBp, gasCost } = place;
    const isTouched = rule.gas !== "paid" || rule.touched.has(index);
    if (currentBp === 0 && (!isTouched || capBp < shareMinBp)) continue;
    if (rule.gas === "paid" && isTouched) fixedCost += gasCost * wholeBp;
    const perBp = (rangeBp: number) =>
      rule.gas === "proportional" && rangeBp > 0 ? (gasCost * wholeBp) / rangeBp : 0;
    const entering = place.enterCost + perBp(currentBp === 0 ? capBp : capBp - currentBp);
    const own = place.pieces.map(({ lengthBp, apy }) =>
      addColumn(problem.riskAversion * place.risk - apy + (currentBp === 0 ? entering : 0), lengthBp),
    );
    pieces.set(index, own);
    const share = own.map((column) => [column, 1] as const);
    const limit = (lower: number, upper: number, entries: readonly (readonly [number, number])[]) =>
      rows.push({ lower, upper, entries });
    const none = Number.NEGATIVE_INFINITY;
    if (currentBp > 0) {
      const bought = addColumn(entering, isTouched ? Math.max(0, capBp - currentBp) : 0);
      const sold = addColumn(
        place.leaveCost + perBp(currentBp),
        isTouched && !place.isLocked ? currentBp : 0,
      );
      limit(currentBp, currentBp, [...share, [bought, -1], [sold, 1]]);
      if (rule.gas === "switched") {
        const touch = addColumn(gasCost * wholeBp, 1);
        switches.set(index, touch);
        limit(none, 0, [
          [bought, 1],
          [touch, -Math.max(0, capBp - currentBp)],
        ]);
        limit(none, 0, [
          [sold, 1],
          [touch, -currentBp],
        ]);
      }
    } else if (rule.gas === "switched") {
      const touch = addColumn(gasCost * wholeBp, 1);
      switches.set(index, touch);
      limit(none, 0, [...share, [touch, -capBp]]);
      limit(0, Number.POSITIVE_INFINITY, [...share, [touch, -shareMinBp]]);
    } else if (rule.gas === "paid") {
      limit(shareMinBp, capBp, share);
    }
  }

  const protocolRows = new Map<string, number>();
  const all = [...pieces].flatMap(([index, own]) => own.map((column) => [column, index] as const));
  const shared: LinearProgram["rows"] = [
    { lower: 0, upper: wholeBp, entries: all.map(([column]) => [column, 1]) },
    {
      lower: 0,
      upper: problem.maxRisk * wholeBp,
      entries: all.map(([column, index]) => [column, problem.places[index]?.risk ?? 0]),
    },
  ];
  for (const [protocol, own] of Map.groupBy(all, ([, index]) => problem.places[index]?.protocol ?? "")) {
    const upper = problem.protocolCaps.get(protocol) ?? wholeBp;
    if (upper >= wholeBp) continue;
    protocolRows.set(protocol, shared.length);
    shared.push({ lower: 0, upper, entries: own.map(([column]) => [column, 1]) });
  }
  return { columns, rows: [...shared, ...rows], pieces, switches, protocolRows, fixedCost };
}
