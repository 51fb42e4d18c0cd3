import { MlError } from "../ml-error.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { assertPanel, truncateSeries } from "../panel/market-series.ts";
import type { IlliquidityReport } from "./illiquidity-evaluation.ts";
import { reportOf } from "./illiquidity-evaluation.ts";
import { illiquidityHorizonDays } from "./illiquidity-event.ts";
import type { BelievedHazard, IlliquidityFrequencies, IlliquidityServer } from "./illiquidity-forecasters.ts";
import {
  baselineProbability,
  fitBelievedHazard,
  fitFrequencies,
  modelProbability,
} from "./illiquidity-forecasters.ts";
import { illiquidityFeatureNames, illiquidityRows } from "./illiquidity-table.ts";
import type { IlliquidityDecision, IlliquidityOptions } from "./illiquidity-walk-forward.ts";
import { advance, decideServer, walkForwardIlliquidity } from "./illiquidity-walk-forward.ts";

/** A trained illiquidity forecast: JSON, part of the risk model's header. Treat as immutable. */
export interface IlliquidityModel {
  format_version: 2;
  horizon_days: number;
  feature_names: string[];
  training_rows: number;
  frequencies: IlliquidityFrequencies;
  /** Null when no market was seen to become illiquid. */
  believed: BelievedHazard | null;
  decision: IlliquidityDecision;
  /** The walk-forward evidence; null when there was too little history for any. */
  report: IlliquidityReport | null;
}

/** The probability of {@link illiquidityDefinition} for one lending market. */
export interface IlliquidityForecast {
  market_id: string;
  /** UTC day since the epoch of the newest observation used; the forecast covers the 14 days after it. */
  as_of_day: number;
  /** 0 to 1. */
  probability: number;
  served_by: IlliquidityServer;
}

/**
 * Trains the forecast on every day with a known outcome, and decides by the walk-forward evaluation whether it or a
 * baseline serves.
 *
 * @returns undefined when no lending market has a single known outcome
 * @throws MlError `INVALID_SERIES`, `INVALID_OPTIONS`, `ABORTED`
 */
export function trainIlliquidity(
  panel: readonly MarketSeries[],
  options: IlliquidityOptions,
): IlliquidityModel | undefined {
  assertPanel(panel);
  const rows = illiquidityRows(panel);
  const forecasts = walkForwardIlliquidity(rows, options);
  const known = rows.filter((row) => !Number.isNaN(row.outcome));
  if (known.length === 0) return undefined;
  const decision = decideServer(forecasts);
  advance(options, 1);
  return {
    format_version: 2,
    horizon_days: illiquidityHorizonDays,
    feature_names: [...illiquidityFeatureNames],
    training_rows: known.length,
    frequencies: fitFrequencies(known),
    believed: fitBelievedHazard(known) ?? null,
    decision,
    report: reportOf(forecasts) ?? null,
  };
}

/**
 * One probability per lending market, from what was known at the end of `asOfDay`. Markets without an observation until
 * then, and DEX pools, get none.
 *
 * @param asOfDay UTC day since the epoch @default the newest observation of each market
 * @throws MlError `INVALID_SERIES`
 */
export function illiquidityProbabilities(
  model: IlliquidityModel,
  panel: readonly MarketSeries[],
  asOfDay = Number.POSITIVE_INFINITY,
): IlliquidityForecast[] {
  assertPanel(panel);
  const { decision, believed, frequencies } = model;
  const { served_by } = decision;
  const rows = illiquidityRows(panel.map((series) => truncateSeries(series, asOfDay)));
  const newest = new Map(rows.map((row) => [row.market_id, row]));
  return panel.flatMap(({ market_id }) => {
    const row = newest.get(market_id);
    if (row === undefined) return [];
    const probability =
      served_by === "model"
        ? modelProbability(believed ?? undefined, frequencies, row)
        : baselineProbability(served_by, frequencies, row);
    return [{ market_id, as_of_day: row.day, probability, served_by }];
  });
}

/**
 * The header of a trained forecast, to be kept inside another artefact, which vouches for its content by its digest, as a model again.
 *
 * @throws MlError `UNSUPPORTED_ARTEFACT` for another format version or other features
 */
export function readIlliquidity(header: IlliquidityModel): IlliquidityModel {
  if (header.format_version !== 2 || header.feature_names.join() !== illiquidityFeatureNames.join()) {
    throw new MlError(
      "UNSUPPORTED_ARTEFACT",
      "This illiquidity forecast has another format or other features.",
    );
  }
  return header;
}
