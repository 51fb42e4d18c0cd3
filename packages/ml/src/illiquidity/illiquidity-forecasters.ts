import type { ForestModel } from "@obsqra/forest";
import { fitRandomForest, predictRow } from "@obsqra/forest";
import { illiquidityHorizonDays } from "./illiquidity-event.ts";
import type { IlliquidityRow } from "./illiquidity-table.ts";
import { illiquidityFeatureDirections, illiquidityMatrix } from "./illiquidity-table.ts";

/**
 * `base_rate`: how often the event followed, over all markets; `market_frequency`: the same in one market, shrunk to the
 * former; `state_frequency`: how often it followed a day that was illiquid, or was not, as this one; `persistence`: 1 when
 * the market is illiquid today, else 0.
 */
export type IlliquidityBaselineName = (typeof illiquidityBaselines)[number];

/** What may serve: persistence may not, as no finite history supports the certainty it states. */
export type IlliquidityServer = "model" | Exclude<IlliquidityBaselineName, "persistence">;

/** In order of preference among equals. */
export const illiquidityBaselines = [
  "state_frequency",
  "market_frequency",
  "base_rate",
  "persistence",
] as const;

/** What the baselines learned from the training rows; each is (events + ½) / (n + 1), so never 0 or 1. */
export interface IlliquidityFrequencies {
  /** Of all rows. */
  base_rate: number;
  /** Of rows whose market was not illiquid on the day, and was. */
  when_liquid: number;
  when_illiquid: number;
}

/** The random forest and how far it is believed. */
export interface IlliquidityForest {
  forest: ForestModel;
  /** 0 to 1: its share in the forecast; `state_frequency` has the rest. */
  share: number;
}

/** With fewer markets seen to become illiquid the forest would learn those markets and not what they have in common. */
const becameIlliquidMin = 3;
/** Half of the belief with three such markets, nine tenths with 27. */
const marketsForHalfShare = 3;
/** A market's own history counts as much as the pooled rate once it is one horizon long. */
const pooledRateWeight = illiquidityHorizonDays;

/** Event frequencies of rows with known outcomes. */
export function fitFrequencies(rows: readonly IlliquidityRow[]): IlliquidityFrequencies {
  return {
    base_rate: frequency(rows),
    when_liquid: frequency(rows.filter((row) => row.illiquid === 0)),
    when_illiquid: frequency(rows.filter((row) => row.illiquid === 1)),
  };
}

/** The probability that a baseline gives to the event. */
export function baselineProbability(
  name: IlliquidityBaselineName,
  frequencies: IlliquidityFrequencies,
  row: IlliquidityRow,
): number {
  switch (name) {
    case "base_rate":
      return frequencies.base_rate;
    case "market_frequency":
      // The mean of the beta-binomial posterior whose prior is the pooled rate.
      return (
        (row.past_events + pooledRateWeight * frequencies.base_rate) / (row.past_outcomes + pooledRateWeight)
      );
    case "state_frequency":
      return row.illiquid === 1 ? frequencies.when_illiquid : frequencies.when_liquid;
    case "persistence":
      return row.illiquid;
  }
}

/**
 * A random forest on outcomes 0 and 1, so that its squared error is the Brier score, monotone where the sense of a
 * feature is plain. How far it is believed depends on how many markets were seen to become illiquid, not on the number of
 * rows: 14 overlapping days of one market are one experience. Undefined with fewer than three.
 *
 * @param rows rows with known outcomes
 */
export function fitIlliquidityForest(
  rows: readonly IlliquidityRow[],
  seed: number,
): IlliquidityForest | undefined {
  const becameIlliquid = new Set(
    rows.filter((row) => row.illiquid === 0 && row.outcome === 1).map((row) => row.market_id),
  );
  if (becameIlliquid.size < becameIlliquidMin) return undefined;
  const forest = fitRandomForest(
    { features: illiquidityMatrix(rows), target: Float64Array.from(rows, (row) => row.outcome) },
    {
      seed,
      treeCount: 100,
      maxDepth: 4,
      minSamplesLeaf: 60,
      featureFraction: 0.4,
      // Rows of neighbouring days are nearly copies: small draws keep the trees different.
      bootstrapFraction: 0.3,
      monotone: Object.values(illiquidityFeatureDirections),
    },
  );
  return { forest, share: becameIlliquid.size / (becameIlliquid.size + marketsForHalfShare) };
}

/** The model's probability before calibration: forest and `state_frequency`, weighted by the forest's share. */
export function blendedProbability(
  fitted: IlliquidityForest | undefined,
  frequencies: IlliquidityFrequencies,
  row: IlliquidityRow,
): number {
  const prior = baselineProbability("state_frequency", frequencies, row);
  if (fitted === undefined) return prior;
  return prior + fitted.share * (predictRow(fitted.forest, row.features) - prior);
}

function frequency(rows: readonly IlliquidityRow[]): number {
  const events = rows.reduce((sum, row) => sum + row.outcome, 0);
  return (events + 0.5) / (rows.length + 1);
}
