import { at } from "../numbers.ts";
import { equalGroups } from "./equal-groups.ts";

/** A point of the map from raw to corrected confidence. */
export interface ConfidenceKnot {
  raw: number;
  corrected: number;
}

/** Fewest past forecasts per knot. */
const knotSizeMin = 200;
/** Fewer knots than this would level all confidence out; raw confidence is served instead. */
const knotCountMin = 5;
const knotCountMax = 20;

/**
 * What past forecasts of a given raw confidence turned out to be worth: equal groups of forecasts by ascending
 * confidence, each with hits / (n + 1), made non-decreasing by pooling adjacent violators (isotonic regression;
 * Zadrozny and Elkan, "Transforming classifier scores into accurate probability estimates", KDD 2002). Needed
 * because errors of calm markets have heavier tails than their scale says. O(n log n).
 *
 * @param raw raw confidence of past forecasts
 * @param within 1 where the actual value was within tolerance, else 0; aligned with `raw`
 */
export function confidenceKnots(raw: Float64Array, within: Float64Array): ConfidenceKnot[] {
  const count = Math.min(knotCountMax, Math.floor(raw.length / knotSizeMin));
  if (count < knotCountMin) return [];
  const { sorted, ends, groupOf } = equalGroups(raw, count);
  const hits = new Float64Array(count);
  for (const [index, group] of groupOf.entries()) hits[group] = at(hits, group) + at(within, index);
  const pools: { n: number; raw: number; hits: number }[] = [];
  for (const [knot, end] of ends.entries()) {
    const members = sorted.subarray(ends[knot - 1] ?? 0, end);
    pools.push({
      n: members.length,
      raw: members.reduce((sum, value) => sum + value, 0),
      hits: at(hits, knot),
    });
    mergeViolators(pools);
  }
  return pools.map(({ n, raw: sum, hits }) => ({ raw: sum / n, corrected: hits / (n + 1) }));
}

/** Linear between knots, constant beyond them; the raw value without knots. */
export function correctedConfidence(knots: readonly ConfidenceKnot[], raw: number): number {
  const next = knots.findIndex((knot) => knot.raw >= raw);
  const above = knots[next] ?? knots.at(-1);
  const below = knots[next - 1] ?? above;
  if (above === undefined || below === undefined) return raw;
  if (next < 1 || above.raw === below.raw) return above.corrected;
  const share = (raw - below.raw) / (above.raw - below.raw);
  return below.corrected + share * (above.corrected - below.corrected);
}

function mergeViolators(pools: { n: number; raw: number; hits: number }[]): void {
  for (;;) {
    const last = pools.at(-1);
    const previous = pools.at(-2);
    if (last === undefined || previous === undefined) return;
    if (last.hits / (last.n + 1) >= previous.hits / (previous.n + 1)) return;
    pools.splice(-2, 2, {
      n: previous.n + last.n,
      raw: previous.raw + last.raw,
      hits: previous.hits + last.hits,
    });
  }
}
