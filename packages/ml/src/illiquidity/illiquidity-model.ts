import type { ForestModel } from "@obsqra/forest";
import { deserializeModel, serializeModel } from "@obsqra/forest";
import { MlError } from "../ml-error.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { assertPanel, truncateSeries } from "../panel/market-series.ts";
import type { IlliquidityReport } from "./illiquidity-evaluation.ts";
import { reportOf } from "./illiquidity-evaluation.ts";
import { illiquidityHorizonDays, isLendingMarket } from "./illiquidity-event.ts";
import type { IlliquidityFrequencies, IlliquidityServer } from "./illiquidity-forecasters.ts";
import {
  baselineProbability,
  blendedProbability,
  fitFrequencies,
  fitIlliquidityForest,
} from "./illiquidity-forecasters.ts";
import { illiquidityFeatureDirections, illiquidityRows } from "./illiquidity-table.ts";
import type { IlliquidityDecision, IlliquidityOptions } from "./illiquidity-walk-forward.ts";
import { advance, calibrationOf, decideServer, walkForwardIlliquidity } from "./illiquidity-walk-forward.ts";
import type { PlattScaling } from "./platt-scaling.ts";
import { scaleProbability } from "./platt-scaling.ts";

/** Everything that is fixed when the forecast is trained, besides its forest. JSON-friendly. */
export interface IlliquidityHeader {
  format_version: 1;
  horizon_days: number;
  feature_names: string[];
  training_rows: number;
  frequencies: IlliquidityFrequencies;
  forest_share: number;
  calibration: PlattScaling;
  decision: IlliquidityDecision;
  /** The walk-forward evidence; null when there was too little history for any. */
  report: IlliquidityReport | null;
}

/** A trained illiquidity forecast. Treat as immutable. */
export interface IlliquidityModel {
  header: IlliquidityHeader;
  /** Absent when a baseline serves. */
  forest: ForestModel | undefined;
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
  const fitted = decision.served_by === "model" ? fitIlliquidityForest(known, options.seed) : undefined;
  advance(options, 1);
  return {
    header: {
      format_version: 1,
      horizon_days: illiquidityHorizonDays,
      feature_names: Object.keys(illiquidityFeatureDirections),
      training_rows: known.length,
      frequencies: fitFrequencies(known),
      forest_share: fitted?.share ?? 0,
      calibration: calibrationOf(forecasts),
      decision,
      report: reportOf(forecasts) ?? null,
    },
    forest: fitted?.forest,
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
  const { calibration, decision, forest_share: share, frequencies } = model.header;
  const { served_by } = decision;
  const fitted = model.forest === undefined ? undefined : { forest: model.forest, share };
  return panel.filter(isLendingMarket).flatMap((series) => {
    const row = illiquidityRows([truncateSeries(series, asOfDay)]).at(-1);
    if (row === undefined) return [];
    const probability =
      served_by === "model"
        ? scaleProbability(calibration, blendedProbability(fitted, frequencies, row))
        : baselineProbability(served_by, frequencies, row);
    return [{ market_id: row.market_id, as_of_day: row.day, probability, served_by }];
  });
}

/** A JSON-friendly header and the forest's canonical bytes, to be kept inside another artefact. */
export function encodeIlliquidity(model: IlliquidityModel): {
  header: IlliquidityHeader;
  forest: Uint8Array | undefined;
} {
  return {
    header: model.header,
    forest: model.forest === undefined ? undefined : serializeModel(model.forest),
  };
}

/**
 * The inverse of {@link encodeIlliquidity}. The surrounding artefact vouches for the header's content by its digest.
 *
 * @throws MlError `UNSUPPORTED_ARTEFACT` for another format version or other features, `CORRUPTED_ARTEFACT` when the
 * forest cannot be read or does not belong to the header
 */
export function decodeIlliquidity(
  header: IlliquidityHeader,
  forest: Uint8Array | undefined,
): IlliquidityModel {
  const names = Object.keys(illiquidityFeatureDirections);
  if (header.format_version !== 1 || header.feature_names.join() !== names.join()) {
    throw new MlError(
      "UNSUPPORTED_ARTEFACT",
      "This illiquidity forecast has another format or other features.",
    );
  }
  const decoded = forest === undefined ? undefined : readForest(forest);
  const isComplete = (decoded !== undefined) === (header.decision.served_by === "model");
  if (!isComplete || (decoded !== undefined && decoded.columnCount !== names.length)) {
    throw new MlError(
      "CORRUPTED_ARTEFACT",
      "The illiquidity forecast's forest does not belong to its header.",
    );
  }
  return { header, forest: decoded };
}

function readForest(bytes: Uint8Array): ForestModel {
  try {
    return deserializeModel(bytes);
  } catch (error) {
    throw new MlError("CORRUPTED_ARTEFACT", "The illiquidity forecast's forest cannot be read.", {
      cause: error,
    });
  }
}
