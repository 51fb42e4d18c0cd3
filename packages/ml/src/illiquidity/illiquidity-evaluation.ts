import type { ReliabilityBin } from "../calibration/reliability.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { assertPanel } from "../panel/market-series.ts";
import { illiquidityHorizonDays } from "./illiquidity-event.ts";
import type { IlliquidityBaselineName, IlliquidityServer } from "./illiquidity-forecasters.ts";
import { illiquidityBaselines } from "./illiquidity-forecasters.ts";
import { illiquidityRows } from "./illiquidity-table.ts";
import type { IlliquidityOptions, WalkForwardForecast } from "./illiquidity-walk-forward.ts";
import { advance, decideServer, walkForwardIlliquidity } from "./illiquidity-walk-forward.ts";
import {
  brierScore,
  logLoss,
  rareEventReliability,
  skillInterval,
  squaredErrors,
} from "./probability-scores.ts";

/** How good the probabilities of one forecaster were. */
interface ProbabilityScore<TName extends string> {
  name: TName;
  /** Mean squared error, 0 to 1; lower is better. */
  brier: number;
  /** 1 − brier / brier of the reference: 1 is perfect, 0 no better, negative worse. */
  skill: number;
  /** In 95 of 100 draws of as many weekly folds, with replacement, skill is between these. */
  skill_low: number;
  skill_high: number;
  /** Probabilities are kept 1e-6 from 0 and 1 here, so persistence's certainty costs 13.8 whenever it is wrong. */
  log_loss: number;
}

/** Forecasters compared on the same forecasts. */
export interface IlliquidityScores {
  forecasts: number;
  /** Forecasts whose event came true, and their share. */
  events: number;
  base_rate: number;
  /** Whose Brier score `skill` is relative to. */
  skill_reference: IlliquidityBaselineName;
  /** What would have been served at the time; `name` is what serves now. */
  served: ProbabilityScore<IlliquidityServer>;
  /** Share of the forecasts that the model would have served, 0 to 1. */
  served_by_model: number;
  model: ProbabilityScore<"model">;
  baselines: ProbabilityScore<IlliquidityBaselineName>[];
  /** Of what would have been served; bins are narrow near 0. */
  reliability: ReliabilityBin[];
}

/** The walk-forward evidence for the illiquidity forecast. */
export interface IlliquidityReport extends IlliquidityScores {
  horizon_days: number;
  /**
   * Only forecasts for markets that were not illiquid on the day: whether it stays so is the harder question. The
   * reference is `state_frequency`, which here is the base rate of markets that are not illiquid. Null without any.
   */
  onset: IlliquidityScores | null;
}

/**
 * Scores the probability that a lending market is frozen, or its utilization exceeds 98 %, within 14 days, on the last
 * `backtestDays` days with known outcomes; see {@link walkForwardIlliquidity} for how hindsight is kept out.
 *
 * @returns undefined when no lending market has enough history for a single forecast with a known outcome
 * @throws MlError `INVALID_SERIES`, `INVALID_OPTIONS`, `ABORTED`
 */
export function evaluateIlliquidity(
  panel: readonly MarketSeries[],
  options: IlliquidityOptions,
): IlliquidityReport | undefined {
  assertPanel(panel);
  const report = reportOf(walkForwardIlliquidity(illiquidityRows(panel), options));
  advance(options, 1);
  return report;
}

/** The report on walk-forward forecasts; undefined when none of them is scored. */
export function reportOf(forecasts: readonly WalkForwardForecast[]): IlliquidityReport | undefined {
  const { served_by } = decideServer(forecasts);
  const scored = forecasts.filter((forecast) => forecast.scored);
  const overall = scoresOf(scored, "base_rate", served_by);
  if (overall === null) return undefined;
  const onset = scored.filter(({ row }) => row.illiquid === 0);
  return {
    horizon_days: illiquidityHorizonDays,
    ...overall,
    onset: scoresOf(onset, "state_frequency", served_by),
  };
}

function scoresOf(
  forecasts: readonly WalkForwardForecast[],
  reference: IlliquidityBaselineName,
  servedBy: IlliquidityServer,
): IlliquidityScores | null {
  if (forecasts.length === 0) return null;
  const outcomes = forecasts.map(({ row }) => row.outcome);
  const events = outcomes.reduce((sum, outcome) => sum + outcome, 0);
  const referenceBrier = brierScore(
    forecasts.map(({ baselines }) => baselines[reference]),
    outcomes,
  );
  const folds = [...Map.groupBy(forecasts.keys(), (index) => forecasts[index]?.fold ?? 0).values()];
  const score = <TName extends string>(
    name: TName,
    read: (forecast: WalkForwardForecast) => number,
  ): ProbabilityScore<TName> => {
    const probabilities = forecasts.map(read);
    const brier = brierScore(probabilities, outcomes);
    const referenceProbabilities = forecasts.map(({ baselines }) => baselines[reference]);
    const [skill_low, skill_high] = skillInterval(
      folds.map((members) => ({
        own: squaredErrors(members, probabilities, outcomes),
        reference: squaredErrors(members, referenceProbabilities, outcomes),
      })),
    );
    const log_loss = logLoss(probabilities, outcomes);
    return { name, brier, skill: 1 - brier / referenceBrier, skill_low, skill_high, log_loss };
  };
  return {
    forecasts: forecasts.length,
    events,
    base_rate: events / forecasts.length,
    skill_reference: reference,
    served: score(servedBy, (forecast) => forecast.served),
    served_by_model: forecasts.filter(({ served_by }) => served_by === "model").length / forecasts.length,
    model: score("model", (forecast) => forecast.model),
    baselines: illiquidityBaselines.map((name) => score(name, (forecast) => forecast.baselines[name])),
    reliability: rareEventReliability(
      forecasts.map((forecast) => forecast.served),
      outcomes,
    ),
  };
}
