import { at } from "../numbers.ts";

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
  const order = Int32Array.from({ length: raw.length }, (_unused, index) => index).sort(
    (left, right) => at(raw, left) - at(raw, right) || left - right,
  );
  const count = Math.min(knotCountMax, Math.floor(raw.length / knotSizeMin));
  if (count < knotCountMin) return [];
  const pools: { n: number; raw: number; hits: number }[] = [];
  for (let knot = 0; knot < count; knot += 1) {
    const pool = { n: 0, raw: 0, hits: 0 };
    const end = Math.floor(((knot + 1) * raw.length) / count);
    for (let position = Math.floor((knot * raw.length) / count); position < end; position += 1) {
      pool.n += 1;
      pool.raw += at(raw, at(order, position));
      pool.hits += at(within, at(order, position));
    }
    pools.push(pool);
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
