import { MlError } from "../ml-error.ts";
import { at } from "../numbers.ts";
import type { ConfidenceKnot } from "./confidence-map.ts";
import { equalGroups } from "./equal-groups.ts";

/** Out-of-sample residuals in the modelled space: (outcome − forecast) / scale, and the scale; aligned. */
export interface ScaledResiduals {
  residuals: Float64Array;
  scales: Float64Array;
}

/**
 * Out-of-sample errors by which intervals and confidence are calibrated, grouped by the size of their scale.
 *
 * Split conformal prediction (Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005) with
 * locally weighted scores |residual| (Lei et al., "Distribution-Free Predictive Inference for Regression", JASA
 * 2018, section 5.2), per group (Mondrian conformal prediction, Vovk et al., section 4.5): calm markets are
 * compared with calm ones. Its guarantee P(outcome in interval) ≥ level holds for exchangeable data. Market days
 * are not exchangeable: windows overlap, markets move together, regimes change; the coverage lost is bounded by
 * how much they drift (Barber, Candès, Ramdas and Tibshirani, "Conformal prediction beyond exchangeability",
 * Annals of Statistics 2023). This is why the coverage that is reported is the one measured walk-forward.
 */
export interface Calibration {
  /** Number of residuals in all groups. */
  n: number;
  /** By ascending scale; never empty. */
  groups: readonly CalibrationGroup[];
  /** Corrects raw confidence; empty when there is too little to correct it by. */
  knots: readonly ConfidenceKnot[];
}

/** Residuals of forecasts of similar scale. */
export interface CalibrationGroup {
  /** The group serves scales up to this one; Infinity for the last. */
  scaleMax: number;
  /** Signed normalised residuals, ascending. */
  residuals: Float64Array;
  /** Their absolute values, ascending: the conformity scores. */
  scores: Float64Array;
}

/** A group has at least this many residuals, if there is more than one. */
const groupSizeMin = 500;
const groupCountMax = 6;

/** A calibration from residuals in any order; inputs are not modified. O(n log n). */
export function calibrate(sample: ScaledResiduals, knots: readonly ConfidenceKnot[] = []): Calibration {
  const n = sample.residuals.length;
  const groupCount = Math.max(1, Math.min(groupCountMax, Math.floor(n / groupSizeMin)));
  const { sorted, ends, groupOf } = equalGroups(sample.scales, groupCount);
  const members = ends.map((end, group) => new Float64Array(end - (ends[group - 1] ?? 0)));
  const filled = new Int32Array(groupCount);
  for (let index = 0; index < n; index += 1) {
    const group = at(groupOf, index);
    const position = at(filled, group);
    const own = members[group];
    if (own !== undefined) own[position] = at(sample.residuals, index);
    filled[group] = position + 1;
  }
  const groups = members.map((residuals, group) => {
    residuals.sort();
    return {
      scaleMax: group === groupCount - 1 ? Number.POSITIVE_INFINITY : at(sorted, at(ends, group) - 1),
      residuals,
      scores: ascendingAbsolutes(residuals),
    };
  });
  return { n, groups, knots };
}

/**
 * The residuals of one regime, in their order.
 *
 * @param moving of each: 1 where its market has moved lately, else 0
 * @param regime which of these
 */
export function selectRegime(
  { residuals, scales }: ScaledResiduals,
  moving: Float64Array,
  regime: number,
): ScaledResiduals {
  const selected = { residuals: new Float64Array(moving.length), scales: new Float64Array(moving.length) };
  let count = 0;
  for (let index = 0; index < moving.length; index += 1) {
    if (at(moving, index) !== regime) continue;
    selected.residuals[count] = at(residuals, index);
    selected.scales[count] = at(scales, index);
    count += 1;
  }
  return {
    residuals: selected.residuals.subarray(0, count),
    scales: selected.scales.subarray(0, count),
  };
}

/** The absolute values of ascending numbers, ascending: merged from both ends, which takes less than sorting them. */
function ascendingAbsolutes(ascending: Float64Array): Float64Array {
  const absolutes = new Float64Array(ascending.length);
  let [low, high] = [0, ascending.length - 1];
  for (let position = high; position >= 0; position -= 1) {
    const [below, above] = [Math.abs(at(ascending, low)), Math.abs(at(ascending, high))];
    if (below > above) low += 1;
    else high -= 1;
    absolutes[position] = Math.max(below, above);
  }
  return absolutes;
}

/** The group that calibrates forecasts of a scale. */
export function calibrationGroup(calibration: Calibration, scale: number): CalibrationGroup {
  for (const group of calibration.groups) if (scale <= group.scaleMax) return group;
  return { scaleMax: Number.POSITIVE_INFINITY, residuals: new Float64Array(), scores: new Float64Array() };
}

/**
 * The ⌈(n + 1)·level⌉-th smallest of n ascending scores: the finite-sample conformal quantile.
 *
 * @returns Infinity when that rank exceeds n: too few scores to promise the level with any finite width
 * @throws MlError `INVALID_OPTIONS` unless 0 < level < 1
 */
export function conformalQuantile(ascendingScores: Float64Array, level: number): number {
  if (!(level > 0 && level < 1)) {
    throw new MlError("INVALID_OPTIONS", `An interval level lies between 0 and 1, got ${level}.`);
  }
  // The tolerance keeps products such as 10 · 0.9 from being rounded up to the next rank.
  const rank = Math.ceil((ascendingScores.length + 1) * level - 1e-9);
  return rank > ascendingScores.length
    ? Number.POSITIVE_INFINITY
    : at(ascendingScores, Math.max(1, rank) - 1);
}

/**
 * P(low ≤ residual ≤ high) for the next residual, estimated conservatively: (number of calibration residuals
 * inside) / (n + 1), as if the one unseen residual fell outside. 0 with an empty group. O(log n).
 */
export function coveredShare(group: CalibrationGroup, low: number, high: number): number {
  const { residuals } = group;
  const inside = countBelow(residuals, high, true) - countBelow(residuals, low, false);
  return Math.max(0, inside) / (residuals.length + 1);
}

/** How many ascending values are < limit, or ≤ limit when `inclusive`. */
function countBelow(ascending: Float64Array, limit: number, inclusive: boolean): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = at(ascending, middle);
    if (value < limit || (inclusive && value === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}
