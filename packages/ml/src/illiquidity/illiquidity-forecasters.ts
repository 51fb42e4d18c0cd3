import { illiquidityHorizonDays } from "./illiquidity-event.ts";
import type { IlliquidityHazard } from "./illiquidity-hazard.ts";
import { fitHazard, hazardProbability } from "./illiquidity-hazard.ts";
import type { IlliquidityRow } from "./illiquidity-table.ts";

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

/** The hazard of markets that are not illiquid, and how far it is believed. JSON. */
export interface BelievedHazard {
  hazard: IlliquidityHazard;
  /** 0 to 1: its share in the forecast; `state_frequency` has the rest. */
  share: number;
}

/** The share is a half, until more markets than this were seen to become illiquid. */
const marketsForHalfShare = 8;
/** Windows of neighbouring days share 13 of 14 days: together a horizon of rows is worth one outcome. */
const outcomeWeight = 1 / illiquidityHorizonDays;
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
 * Fits the hazard on what followed days on which a market was not illiquid. How far it is believed depends on how many markets were seen to
 * become illiquid, not on the number of rows: 14 overlapping days of one market are one experience.
 *
 * @param rows rows with known outcomes
 * @returns undefined when no market was seen to become illiquid
 */
export function fitBelievedHazard(rows: readonly IlliquidityRow[]): BelievedHazard | undefined {
  const liquid = rows.filter(({ illiquid }) => illiquid === 0);
  const { size } = new Set(liquid.filter(({ outcome }) => outcome === 1).map(({ market_id }) => market_id));
  if (size === 0) return undefined;
  return {
    hazard: fitHazard(liquid, outcomeWeight),
    share: Math.max(0.5, size / (size + marketsForHalfShare)),
  };
}

/** The model's probability: hazard and frequency, weighted; of a market that is illiquid today at least how often the event followed such a day. */
export function modelProbability(
  believed: BelievedHazard | undefined,
  frequencies: IlliquidityFrequencies,
  row: IlliquidityRow,
): number {
  const frequency = baselineProbability("state_frequency", frequencies, row);
  if (believed === undefined) return frequency;
  const { when_liquid } = frequencies;
  const ofLiquid =
    when_liquid + believed.share * (hazardProbability(believed.hazard, row.features) - when_liquid);
  return row.illiquid === 1 ? Math.max(frequency, ofLiquid) : ofLiquid;
}

function frequency(rows: readonly IlliquidityRow[]): number {
  const events = rows.reduce((sum, row) => sum + row.outcome, 0);
  return (events + 0.5) / (rows.length + 1);
}
