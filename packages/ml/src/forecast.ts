import { baselineCentres, referencesOf } from "./backtest.ts";
import type { BaselineName } from "./baselines.ts";
import type { ForecastLearner } from "./forecast-learner.ts";
import type { Distribution, ModelKind } from "./forecast-space.ts";
import { distributionAt, forward } from "./forecast-space.ts";
import { forecastTask } from "./forecast-task.ts";
import type { MarketSeries } from "./market-series.ts";
import { assertPanel, truncateSeries } from "./market-series.ts";
import { MlError } from "./ml-error.ts";
import type { LoadedModel } from "./model-artefact.ts";
import { at } from "./numbers.ts";
import { protocolWeights, weightedSum } from "./protocol-aggregate.ts";
import type { ScoreRisk } from "./risk/risk-metrics.ts";
import type { SampleTable } from "./sample-table.ts";
import { selectRows } from "./sample-table.ts";
import { scalesOf } from "./scale-model.ts";

/** What forecasting needs besides the model and the data. */
export interface ForecastOptions {
  /** The RiskEngine's arithmetic; the yield model does not call it. */
  scoreRisk: ScoreRisk;
  /** Forecast as if this day had just ended: later observations are not read. @default each market's last day */
  asOfDay?: number;
}

/** A forecast of a market's risk score at, or mean APY up to, `target_day`. Every number is finite. */
export interface MarketForecast extends ForecastFigures {
  market_id: string;
  details: {
    /** Width unit of this market's interval, in the modelled space. */
    scale: number;
    /** TVL that weighs this market within its protocol; null when unknown. */
    tvl_usd: number | null;
  } & ForecastDetails;
}

/** A forecast of a protocol: the weighted aggregate of its markets. */
export interface ProtocolForecast extends ForecastFigures {
  /** Markets that stand behind the figure, with weights that sum to 1. */
  markets: { market_id: string; weight: number }[];
  details: { weights: "tvl" | "equal"; scale: number } & ForecastDetails;
}

/** What market and protocol forecasts have in common; risk in score points, yield in percent APY. */
export interface ForecastFigures {
  kind: ModelKind;
  model_version: string;
  protocol: string;
  /** UTC days since the epoch. */
  as_of_day: number;
  target_day: number;
  horizon_days: number;
  value: number;
  /** Interval that holds the actual value with probability `interval_level`. */
  lower: number;
  upper: number;
  interval_level: number;
  /** See `CONFIDENCE_DEFINITION`. */
  confidence: number;
  confidence_tolerance: number;
  /** Today's value. */
  current: number;
  /** What the best baseline says. */
  baseline_value: number;
  served_by: "model" | "baseline";
}

/** How the figures came about. */
export interface ForecastDetails {
  baseline: BaselineName;
  /** Share of the forest's correction in the value; 0 when a baseline answers or the forest proved of no use. */
  forest_share: number;
  /** Past forecasts behind interval and confidence. */
  calibration_n: number;
  /** True when they are too few for a finite interval, so that it spans every possible value. */
  interval_unbounded: boolean;
}

/**
 * Forecasts every market at its last day with enough history; markets without enough are left out. Pure.
 *
 * @throws MlError `INVALID_SERIES`; `UNSUPPORTED_ARTEFACT` when the model was trained on other features
 */
export function forecastMarkets(
  model: LoadedModel,
  panel: readonly MarketSeries[],
  options: ForecastOptions,
): MarketForecast[] {
  assertPanel(panel);
  const { header, space } = model;
  const { asOfDay } = options;
  const visible = asOfDay === undefined ? panel : panel.map((series) => truncateSeries(series, asOfDay));
  const task = forecastTask(header.kind, {
    horizonDays: header.horizon_days,
    apyCapPercent: header.apy_cap_percent ?? 0,
    scoreRisk: options.scoreRisk,
  });
  const table = task.table(visible, "last");
  if (table.featureNames.join() !== header.feature_names.join()) {
    throw new MlError("UNSUPPORTED_ARTEFACT", `Model ${model.version} was trained on other features.`);
  }
  const centres = servedCentres(model, table, task.learner);
  const scales = servedScales(model, table);
  return Array.from(centres, (centre, row) => {
    const series = visible[at(table.market, row)];
    const scale = at(scales, row);
    const tvl = at(table.tvlUsd, row);
    const distribution = distributionAt(
      space,
      { centre, scale },
      model.marketCalibration,
      header.interval_level,
    );
    return {
      market_id: series?.market_id ?? "",
      protocol: series?.protocol ?? "",
      ...figures(model, at(table.day, row), distribution),
      current: at(table.current, row),
      baseline_value: at(table.baselines[header.baseline], row),
      details: {
        ...details(model, distribution, model.marketCalibration.n),
        scale,
        tvl_usd: Number.isFinite(tvl) ? tvl : null,
      },
    };
  });
}

/**
 * Aggregates the forecasts of one model by protocol, weighted by TVL (equally when none is known). Interval and
 * confidence are calibrated on walk-forward errors of protocols, not averaged from the markets. Markets whose
 * data is more than {@link STALE_DAYS} days older than the protocol's newest are left out.
 */
export function forecastProtocols(
  model: LoadedModel,
  forecasts: readonly MarketForecast[],
): ProtocolForecast[] {
  const byProtocol = Map.groupBy(forecasts, ({ protocol }) => protocol);
  return [...byProtocol].map(([protocol, all]) => {
    const day = all.reduce((newest, { as_of_day }) => Math.max(newest, as_of_day), Number.NEGATIVE_INFINITY);
    const fresh = all.filter(({ as_of_day }) => as_of_day >= day - STALE_DAYS);
    const { basis, weights } = protocolWeights(fresh.map(({ details }) => details.tvl_usd ?? Number.NaN));
    const total = (read: (market: MarketForecast) => number) =>
      weightedSum(weights, (index) => {
        const market = fresh[index];
        return market === undefined ? 0 : read(market);
      });
    const scale = total((market) => market.details.scale);
    const centre = forward(
      model.space,
      total((market) => market.value),
    );
    const distribution = distributionAt(
      model.space,
      { centre, scale },
      model.protocolCalibration,
      model.header.interval_level,
    );
    return {
      protocol,
      ...figures(model, day, distribution),
      current: total((market) => market.current),
      baseline_value: total((market) => market.baseline_value),
      markets: fresh.flatMap(({ market_id }, index) => {
        const weight = weights[index] ?? 0;
        return weight > 0 ? [{ market_id, weight }] : [];
      }),
      details: {
        ...details(model, distribution, model.protocolCalibration.n),
        weights: basis,
        scale,
      },
    };
  });
}

/** A market this many days behind its protocol's newest data still counts. */
export const STALE_DAYS = 3;

function servedCentres(model: LoadedModel, table: SampleTable, learner: ForecastLearner): Float64Array {
  const { header, space, correction } = model;
  const rows = selectRows(table, () => true);
  if (header.served_by === "baseline") return baselineCentres(table, rows, { space, name: header.baseline });
  const references = referencesOf(table, rows, { learner, anchor: header.anchor });
  if (correction === undefined || rows.length === 0) return references;
  const corrections = learner.corrections(correction, table, rows);
  return references.map((reference, row) => reference + header.shrinkage * at(corrections, row));
}

function servedScales(model: LoadedModel, table: SampleTable): Float64Array {
  if (model.scale === undefined || table.rowCount === 0) return table.scale;
  return scalesOf(
    model.scale,
    table,
    selectRows(table, () => true),
  );
}

function figures(model: LoadedModel, day: number, distribution: Distribution) {
  const { header } = model;
  return {
    kind: header.kind,
    model_version: model.version,
    as_of_day: day,
    target_day: day + header.horizon_days,
    horizon_days: header.horizon_days,
    value: distribution.value,
    lower: distribution.lower,
    upper: distribution.upper,
    interval_level: header.interval_level,
    confidence: distribution.confidence,
    confidence_tolerance: distribution.confidenceTolerance,
    served_by: header.served_by,
  };
}

function details(model: LoadedModel, distribution: Distribution, calibrationCount: number): ForecastDetails {
  return {
    baseline: model.header.baseline,
    forest_share: model.correction === undefined ? 0 : model.header.shrinkage,
    calibration_n: calibrationCount,
    interval_unbounded: distribution.unbounded,
  };
}
