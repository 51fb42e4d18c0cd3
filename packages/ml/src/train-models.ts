import type { Backtest } from "./backtest.ts";
import { baselineCentres, fitForests, runBacktest } from "./backtest.ts";
import type { BaselineName } from "./baselines.ts";
import { byMarketId, panelSha256, sha256Hex } from "./content-hash.ts";
import type { CandidateMetrics, IntervalMetrics } from "./evaluation.ts";
import {
  baselineMetrics,
  candidateMetrics,
  forecastKnots,
  forecastSample,
  intervalMetrics,
  normalisedResiduals,
  promote,
} from "./evaluation.ts";
import type { ModelKind } from "./forecast-space.ts";
import { forecastTask } from "./forecast-task.ts";
import type { MarketSeries } from "./market-series.ts";
import { assertPanel } from "./market-series.ts";
import { MlError } from "./ml-error.ts";
import { artefactVersion, encodeArtefact } from "./model-artefact.ts";
import { at } from "./numbers.ts";
import { protocolSample } from "./protocol-aggregate.ts";
import type { ScoreRisk } from "./risk/risk-metrics.ts";
import type { SampleTable } from "./sample-table.ts";
import { selectRows } from "./sample-table.ts";
import type { Fold } from "./walk-forward.ts";
import { planFolds } from "./walk-forward.ts";

/** How to train. */
export interface TrainOptions {
  /** Days ahead that are forecast. */
  horizonDays: number;
  /** Length of the walk-forward evaluation, and so of the calibration of intervals and confidence. */
  backtestDays: number;
  /** Any safe integer; the same panel, options and seed give the same bytes. */
  seed: number;
  /** The RiskEngine's arithmetic. */
  scoreRisk: ScoreRisk;
  /** Walk-forward steps. @default 3 */
  foldCount?: number;
  /** Coverage that intervals promise. @default 0.9 */
  intervalLevel?: number;
  /** Daily APYs are winsorised to ± this many percent, in features and outcomes alike. @default 500 */
  apyCapPercent?: number;
  /** Called with the share of the work done, 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** Checked between fits; training is synchronous, so something must set it from another thread or in onProgress. */
  signal?: { readonly aborted: boolean };
}

/** Walk-forward evidence for one model, in natural units: score points or percentage points of APY. */
export interface ModelMetrics {
  /** Out-of-sample forecasts that were compared, and the markets they belong to. */
  n: number;
  markets: number;
  folds: { first_day: number; last_day: number; training_rows: number; test_rows: number }[];
  baselines: Record<BaselineName, CandidateMetrics>;
  /** Null when there was too little history to fit a model in every fold. */
  model: CandidateMetrics | null;
  /** Share of the forest's correction that is believed: per fold (chosen on earlier folds), and as served. */
  shrinkages: number[];
  shrinkage: number;
  market_intervals: IntervalMetrics;
  protocol_intervals: IntervalMetrics;
}

/** An immutable, content-addressed model with the evidence for it. Structured-cloneable. */
export interface TrainedModel {
  kind: ModelKind;
  /** `<kind>-<first 12 hex digits of artefact_sha256>` */
  version: string;
  artefact: Uint8Array;
  artefact_sha256: string;
  training_data_sha256: string;
  parameters: Record<string, string | number>;
  metrics: ModelMetrics;
  served_by: "model" | "baseline";
  /** The best baseline of the walk-forward evaluation. */
  baseline: BaselineName;
}

/** @see trainModels */
export interface TrainedModels {
  risk: TrainedModel;
  yield: TrainedModel;
}

/**
 * Trains both models. Pure and synchronous (run it in a worker thread); inputs are not modified.
 *
 * @throws MlError `NOT_ENOUGH_HISTORY` when no day of any market has both features and a known outcome,
 * `INVALID_SERIES`, `INVALID_OPTIONS`, `ABORTED`
 */
export function trainModels(panel: readonly MarketSeries[], options: TrainOptions): TrainedModels {
  const half = (start: number) => (fraction: number) => options.onProgress?.(start + fraction / 2);
  return {
    risk: trainModel("risk", panel, { ...options, onProgress: half(0) }),
    yield: trainModel("yield", panel, { ...options, onProgress: half(0.5) }),
  };
}

/** Trains one of the models; see {@link trainModels}. */
export function trainModel(
  kind: ModelKind,
  panel: readonly MarketSeries[],
  options: TrainOptions,
): TrainedModel {
  const { foldCount = 3, intervalLevel = 0.9, apyCapPercent = 500 } = options;
  assertOptions({ ...options, foldCount, apyCapPercent });
  assertPanel(panel);
  const markets = [...panel].sort(byMarketId);
  const task = forecastTask(kind, { ...options, apyCapPercent });
  const table = task.table(markets, "all");
  const folds = planFolds(table, { ...options, foldCount });
  if (folds.length === 0) {
    throw new MlError("NOT_ENOUGH_HISTORY", `No market has enough history for a ${kind} forecast.`);
  }
  const space = task.space(markets);
  const backtest = runBacktest(table, folds, {
    space,
    learner: task.learner,
    seed: options.seed,
    onFold: (fold) => advance(options, fold / (folds.length + 1)),
  });
  advance(options, folds.length / (folds.length + 1));

  const baselines = baselineMetrics(table, backtest.rows, space);
  const model = backtest.hasModel
    ? candidateMetrics(table, backtest.rows, { space, centres: backtest.centres })
    : undefined;
  const { servedBy, baseline } = promote(baselines, model);
  const centres =
    servedBy === "model"
      ? backtest.centres
      : baselineCentres(table, backtest.rows, { space, name: baseline });
  const marketSample = forecastSample(table, backtest, centres);
  const protocols = protocolSample(markets, table, { space, rows: backtest.rows, sample: marketSample });

  const known = selectRows(table, (row) => !Number.isNaN(at(table.target, row)));
  const fitted = backtest.hasModel
    ? fitForests(table, known, { space, learner: task.learner, seed: options.seed })
    : undefined;
  const dataSha256 = panelSha256(markets);
  const artefact = encodeArtefact({
    header: {
      format_version: 1,
      kind,
      horizon_days: options.horizonDays,
      interval_level: intervalLevel,
      domain: { low: space.low, high: space.high },
      apy_cap_percent: apyCapPercent,
      served_by: servedBy,
      baseline,
      anchor: fitted?.anchor ?? baseline,
      shrinkage: backtest.shrinkage,
      feature_names: [...table.featureNames],
      training_data_sha256: dataSha256,
      market_confidence: forecastKnots(space, marketSample),
      protocol_confidence: forecastKnots(space, protocols),
    },
    correction: servedBy === "model" && backtest.shrinkage > 0 ? fitted?.correction : undefined,
    scale: fitted?.scale,
    marketResiduals: normalisedResiduals(space, marketSample),
    protocolResiduals: normalisedResiduals(space, protocols),
  });
  advance(options, 1);
  return {
    kind,
    version: artefactVersion(artefact, kind),
    artefact,
    artefact_sha256: sha256Hex(artefact),
    training_data_sha256: dataSha256,
    parameters: {
      horizon_days: options.horizonDays,
      backtest_days: options.backtestDays,
      fold_count: foldCount,
      interval_level: intervalLevel,
      apy_cap_percent: apyCapPercent,
      seed: options.seed,
      algorithm: kind === "risk" ? "random-forest" : "gradient-boosting",
      ...task.learner.parameters,
    },
    metrics: {
      ...describe(table, folds, backtest),
      baselines,
      model: model ?? null,
      market_intervals: intervalMetrics(space, marketSample, intervalLevel),
      protocol_intervals: intervalMetrics(space, protocols, intervalLevel),
    },
    served_by: servedBy,
    baseline,
  };
}

function describe(table: SampleTable, folds: readonly Fold[], backtest: Backtest) {
  return {
    n: backtest.rows.length,
    markets: new Set(Array.from(backtest.rows, (row) => at(table.market, row))).size,
    folds: folds.map(({ firstDay, lastDay, trainRows, testRows }) => ({
      first_day: firstDay,
      last_day: lastDay,
      training_rows: trainRows.length,
      test_rows: testRows.length,
    })),
    shrinkages: backtest.shrinkages,
    shrinkage: backtest.shrinkage,
  };
}

function advance(options: Pick<TrainOptions, "onProgress" | "signal">, fraction: number): void {
  if (options.signal?.aborted === true) throw new MlError("ABORTED", "Training was stopped.");
  options.onProgress?.(fraction);
}

function assertOptions(options: TrainOptions & { foldCount: number; apyCapPercent: number }): void {
  for (const name of ["horizonDays", "backtestDays", "foldCount"] as const) {
    if (!Number.isInteger(options[name]) || options[name] < 1 || options[name] > 36_525) {
      throw new MlError(
        "INVALID_OPTIONS",
        `${name} must be a whole number of at least 1, got ${options[name]}.`,
      );
    }
  }
  if (!Number.isSafeInteger(options.seed)) {
    throw new MlError("INVALID_OPTIONS", `seed must be a safe integer, got ${options.seed}.`);
  }
  if (!(options.apyCapPercent > 0 && options.apyCapPercent < Number.POSITIVE_INFINITY)) {
    throw new MlError("INVALID_OPTIONS", `apyCapPercent must be positive, got ${options.apyCapPercent}.`);
  }
}
