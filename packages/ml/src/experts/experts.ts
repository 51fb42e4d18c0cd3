import type { BaselineName } from "../forecast/baselines.ts";
import { baselineNames } from "../forecast/baselines.ts";

/** Who forecasts: every baseline, what follows from today's data without a fit (of risk only), and the fitted model. */
export const expertNames = [...baselineNames, "projection", "model"] as const;

/** @see expertNames */
export type ExpertName = BaselineName | "projection" | "model";

/** An expert and its share in a forecast. */
export interface ExpertWeight {
  name: ExpertName;
  /** 0 to 1; those of a forecast sum to 1. */
  weight: number;
}

/** A model that has learned from so many rows has as much weight as all baselines, before any outcome of its own is known. */
const modelHalfWeightRows = 1_000;
const modelWeightMax = 0.85;

/**
 * Weights before any outcome is known. A model has learned from all markets how far to trust which baseline, so it begins with most
 * of the weight where it had enough to learn from: rows / (rows + 1,000), at most 0.85. Half of the rest is the last value's, which
 * nothing beats on markets without much noise. A projection, which the model corrects, begins with half of the model's.
 */
export function combinedPrior(trainingRowCount: number, hasProjection: boolean): number[] {
  const model = Math.min(modelWeightMax, trainingRowCount / (trainingRowCount + modelHalfWeightRows));
  const prior = priorOf({
    last_value: (1 - model) / 2,
    projection: hasProjection ? model / 2 : 0,
    model: hasProjection ? model / 2 : model,
  });
  // One that never says anything has no share; what stands for it only must not be the smallest weight, which the rate depends on.
  return hasProjection ? prior : prior.map((weight) => (weight === 0 ? Math.max(...prior) : weight));
}

/** The model alone, wherever it says something: what is compared with the combination. */
export const modelPrior: readonly number[] = priorOf({ last_value: 1e-12, model: 1 - 5e-12 });

/** The given weights; what is left is shared by the others. */
function priorOf(given: Partial<Record<ExpertName, number>>): number[] {
  const taken = Object.values(given);
  const rest = 1 - taken.reduce((sum, weight) => sum + weight, 0);
  return expertNames.map((name) => given[name] ?? rest / (expertNames.length - taken.length));
}

/** The experts that have a share, largest first. */
export function namedWeights(weights: ArrayLike<number>): ExpertWeight[] {
  return expertNames
    .map((name, index) => ({ name, weight: weights[index] ?? 0 }))
    .filter(({ weight }) => weight > 0)
    .sort((left, right) => right.weight - left.weight);
}
