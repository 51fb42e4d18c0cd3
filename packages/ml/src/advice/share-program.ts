import type { LinearProgram } from "./solver/highs-solver.ts";
import { wholeBp } from "./tolerances.ts";

/** Where money may be, in the programme's terms. Shares are in basis points, money's worth in percentage points of APY. */
export interface Place {
  readonly protocol: string;
  /** Null where nobody knows on which it is. */
  readonly chain: string | null;
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
  /** The same of each chain. */
  readonly chainCaps: ReadonlyMap<string, number>;
  /** Largest share-weighted risk score. */
  readonly maxRisk: number;
  /** Percentage points of APY that a point of risk must earn. */
  readonly riskAversion: number;
}

/** A new holding below this, basis points, is not worth its place. */
export const shareMinBp = 100;

/**
 * How gas is paid: spread over a new holding where that costs least, and over what moves of one that is held; the same until it is
 * decided whether a place is touched; or for these places and no others.
 */
type GasRule =
  | { readonly gas: "spread" }
  | { readonly gas: "decided" }
  | { readonly gas: "paid"; readonly touched: ReadonlySet<number> };

/** The columns of a place that may be decided about: the pieces of a new holding, or what is bought and sold of one that is held. */
export interface PlaceColumns {
  /** Without gas, which is paid apart once the place is touched. */
  readonly whole: readonly number[];
  /** With gas spread over them. */
  readonly spread: readonly number[];
}

/** A programme, and where in it is what. */
export interface BuiltProgram extends LinearProgram {
  /** The columns of the pieces of each place that is in it. */
  readonly pieces: ReadonlyMap<number, readonly number[]>;
  /** With gas that is to be decided about. */
  readonly decisions: ReadonlyMap<number, PlaceColumns>;
  readonly protocolRows: ReadonlyMap<string, number>;
  readonly chainRows: ReadonlyMap<string, number>;
  /** What is paid whatever the columns say. */
  readonly fixedCost: number;
}

/** The row of all shares together. */
export const wholeRow = 0;
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
  const decisions = new Map<number, PlaceColumns>();
  const addColumn = (cost: number, upper: number) => columns.push({ cost, lower: 0, upper }) - 1;
  let fixedCost = 0;

  for (const index of indices) {
    const place = problem.places[index];
    if (place === undefined) continue;
    const { currentBp, capBp, gasCost } = place;
    const isTouched = rule.gas !== "paid" || rule.touched.has(index);
    if (currentBp === 0 && (!isTouched || capBp < shareMinBp)) continue;
    if (rule.gas === "paid" && isTouched) fixedCost += gasCost * wholeBp;
    const add = (parts: readonly CostPiece[]) => parts.map(({ lengthBp, cost }) => addColumn(cost, lengthBp));
    if (currentBp === 0) {
      const whole = rule.gas === "spread" ? [] : add(ownPieces(problem, place));
      const spread = rule.gas === "paid" ? [] : add(spreadPieces(problem, place));
      pieces.set(index, [...whole, ...spread]);
      if (rule.gas === "decided") decisions.set(index, { whole, spread });
      if (rule.gas === "paid") {
        rows.push({ lower: shareMinBp, upper: capBp, entries: whole.map((column) => [column, 1] as const) });
      }
      continue;
    }
    const own = add(ownPieces(problem, place));
    const ranges = {
      bought: isTouched ? Math.max(0, capBp - currentBp) : 0,
      sold: isTouched && !place.isLocked ? currentBp : 0,
    };
    const addMoves = (isSpread: boolean) => {
      const gasOf = (rangeBp: number) => (isSpread && rangeBp > 0 ? (gasCost * wholeBp) / rangeBp : 0);
      const bought = addColumn(place.enterCost + gasOf(ranges.bought), ranges.bought);
      return [bought, addColumn(place.leaveCost + gasOf(ranges.sold), ranges.sold)];
    };
    const whole = rule.gas === "spread" ? [] : addMoves(false);
    const spread = rule.gas === "paid" ? [] : addMoves(true);
    pieces.set(index, own);
    if (rule.gas === "decided") decisions.set(index, { whole, spread });
    const moves = [...whole, ...spread].map((column, place) => [column, place % 2 === 0 ? -1 : 1] as const);
    const share = own.map((column) => [column, 1] as const);
    rows.push({ lower: currentBp, upper: currentBp, entries: [...share, ...moves] });
  }

  const all = [...pieces].flatMap(([index, own]) => own.map((column) => [column, index] as const));
  const shared: LinearProgram["rows"] = [
    { lower: 0, upper: wholeBp, entries: all.map(([column]) => [column, 1]) },
    {
      lower: 0,
      upper: problem.maxRisk * wholeBp,
      entries: all.map(([column, index]) => [column, problem.places[index]?.risk ?? 0]),
    },
  ];
  const addCaps = (
    caps: ReadonlyMap<string, number>,
    nameOf: (place?: Place) => string | null | undefined,
  ) => {
    const capped = new Map<string, number>();
    for (const [name, own] of Map.groupBy(all, ([, index]) => nameOf(problem.places[index]) ?? "")) {
      const upper = caps.get(name) ?? wholeBp;
      // A row that the caps of its places keep anyway only takes time.
      const places = new Set(own.map(([, index]) => index));
      const reach = [...places].reduce((sum, index) => sum + reachOf(problem.places[index]), 0);
      if (upper >= wholeBp || reach <= upper) continue;
      capped.set(name, shared.length);
      shared.push({ lower: 0, upper, entries: own.map(([column]) => [column, 1]) });
    }
    return capped;
  };
  const protocolRows = addCaps(problem.protocolCaps, (place) => place?.protocol);
  const chainRows =
    problem.chainCaps.size === 0 ? new Map() : addCaps(problem.chainCaps, (place) => place?.chain);
  return { columns, rows: [...shared, ...rows], pieces, decisions, protocolRows, chainRows, fixedCost };
}

/** The largest share that there can be: what cannot leave stays above the cap. */
function reachOf(place: Place | undefined): number {
  return Math.max(place?.capBp ?? 0, place?.currentBp ?? 0);
}

/** A part of a place's share, and what each of its basis points costs. */
interface CostPiece {
  readonly lengthBp: number;
  readonly cost: number;
}

/** What shares of a place cost, its gas apart; of what is held, buying is another column. */
function ownPieces(
  { riskAversion }: MarketProblem,
  { pieces, risk, enterCost, currentBp }: Place,
): CostPiece[] {
  const entering = currentBp === 0 ? enterCost : 0;
  return pieces.map(({ lengthBp, apy }) => ({ lengthBp, cost: riskAversion * risk - apy + entering }));
}

/**
 * What shares of a new holding cost at least, gas included: the highest convex function below it. Up to the share at which a basis point
 * costs least, each costs that; beyond it, what it costs anyway.
 */
export function spreadPieces(problem: MarketProblem, place: Place): CostPiece[] {
  const pieces = ownPieces(problem, place);
  let [end, cost] = [0, place.gasCost * wholeBp];
  let [bestEnd, lowest] = [0, Number.POSITIVE_INFINITY];
  for (const piece of pieces) {
    end += piece.lengthBp;
    cost += piece.lengthBp * piece.cost;
    if (cost / end >= lowest) continue;
    [bestEnd, lowest] = [end, cost / end];
  }
  let start = 0;
  const beyond = pieces.filter(({ lengthBp }) => {
    const isBeyond = start >= bestEnd;
    start += lengthBp;
    return isBeyond;
  });
  return pieces.length === 0 ? [] : [{ lengthBp: bestEnd, cost: lowest }, ...beyond];
}

/** What a new holding costs more than {@link spreadPieces} say, at least, where each of its basis points costs so much more. */
export function leastExtraCost(problem: MarketProblem, place: Place, perBp: number): number {
  const [spread] = spreadPieces(problem, place);
  if (spread === undefined) return 0;
  // Convex between its corners, and beyond the first piece the two are the same.
  let least = spread.lengthBp * perBp;
  let [end, cost] = [0, place.gasCost * wholeBp];
  for (const piece of ownPieces(problem, place)) {
    const corner = Math.min(end + piece.lengthBp, spread.lengthBp);
    for (const share of [shareMinBp, corner]) {
      if (share <= end || share > corner || share < shareMinBp) continue;
      least = Math.min(least, cost + (share - end) * piece.cost + share * (perBp - spread.cost));
    }
    end += piece.lengthBp;
    cost += piece.lengthBp * piece.cost;
    if (end >= spread.lengthBp) break;
  }
  return least;
}
