import { AdaptiveCalibration } from "../calibration/adaptive-calibration.ts";
import { protocolsOf } from "../calibration/forecast-history.ts";
import { DelayedWeights } from "../experts/delayed-weights.ts";
import type { ExpertWeight } from "../experts/experts.ts";
import { expertNames, namedWeights } from "../experts/experts.ts";
import { featureImportances } from "../explanation/explain-model.ts";
import type { BaselineName } from "../forecast/baselines.ts";
import type { ModelKind } from "../forecast/forecast-space.ts";
import { inverse } from "../forecast/forecast-space.ts";
import { apyCapPercentDefault, forecastTask } from "../forecast/forecast-task.ts";
import { trainIlliquidity } from "../illiquidity/illiquidity.ts";
import { MlError } from "../ml-error.ts";
import { panelSha256, sha256Hex } from "../model-format/content-hash.ts";
import { encodeArtefact } from "../model-format/model-artefact.ts";
import { modelVersion } from "../model-format/model-manifest.ts";
import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { assertPanel, byMarketId, lastDayOf } from "../panel/market-series.ts";
import { newestRows } from "../panel/sample-table.ts";
import type { TestedForecasts } from "../promotion/tested-forecasts.ts";
import { testedForecasts } from "../promotion/tested-forecasts.ts";
import type { ScoreRisk } from "../risk/risk-metrics.ts";
import type { CandidateMetrics, IntervalMetrics } from "./forecast-errors.ts";
import { baselineMetrics, candidateMetrics, intervalMetrics } from "./forecast-errors.ts";
import type { Candidate } from "./train-candidate.ts";
import { trainCandidate } from "./train-candidate.ts";
import type { WalkForwardData } from "./walk-forward.ts";
import { refitDays, WalkForward } from "./walk-forward.ts";

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
  /** Coverage that intervals promise. @default 0.9 */
  intervalLevel?: number;
  /** Daily APYs are winsorised to ± this many percent, in features and outcomes alike. @default {@link apyCapPercentDefault} */
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
  /** What is served: the weighted mean of baselines and model. */
  combined: CandidateMetrics;
  /** The model alone, on the forecasts that it could make; null when there was too little history to fit one. */
  model: CandidateMetrics | null;
  /** The experts' weights after the test, by kind of market. */
  weights: Record<string, ExpertWeight[]>;
  market_intervals: IntervalMetrics;
  protocol_intervals: IntervalMetrics;
  served: ServedMetrics;
  /** How much each column moves the fitted model, the largest first; null when there was too little history to fit one. */
  importances: { name: string; share: number }[] | null;
}

/** The figures of the evidence that are shown beside forecasts; both errors are on all forecasts of the test. */
interface ServedMetrics {
  /** The best baseline. */
  baseline: BaselineName;
  model_mae: number;
  baseline_mae: number;
  /** Of the markets' intervals. */
  coverage_90: number | null;
}

/** An immutable, content-addressed model with the evidence for it. Structured-cloneable. */
export interface TrainedModel {
  kind: ModelKind;
  /** @see modelVersion */
  version: string;
  horizon_days: number;
  algorithm: string;
  artefact: Uint8Array;
  artefact_sha256: string;
  training_data_sha256: string;
  parameters: Record<string, string | number>;
  metrics: ModelMetrics;
  served_by: "model" | "baseline";
  /** The best baseline of the walk-forward evaluation. */
  baseline: BaselineName;
  /** The forecasts behind the metrics, to be compared with a champion's. */
  tested: TestedForecasts;
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
  const { intervalLevel = 0.9, apyCapPercent = apyCapPercentDefault } = options;
  assertOptions({ ...options, apyCapPercent });
  assertPanel(panel);
  const markets = [...panel].sort(byMarketId);
  const task = forecastTask(kind, { ...options, apyCapPercent });
  const { horizonDays, backtestDays, seed } = options;
  const data = { task, horizonDays, seed, panel: markets, table: task.table(markets) };
  if (!data.table.target.some((outcome) => !Number.isNaN(outcome))) {
    throw new MlError("NOT_ENOUGH_HISTORY", `No market has enough history for a ${kind} forecast.`);
  }
  const expectedFits = Math.ceil((backtestDays + horizonDays) / refitDays) + 1;
  let fits = 0;
  const walkForward = new WalkForward(data, () => {
    advance(options, Math.min(1, fits / (expectedFits + 1)));
    fits += 1;
  });
  const candidate = trainCandidate(walkForward, lastDayOf(markets), backtestDays);
  if (candidate.testRows.length === 0) {
    throw new MlError(
      "NOT_ENOUGH_HISTORY",
      `No ${kind} forecast of the last ${backtestDays} days has a known outcome.`,
    );
  }
  const illiquidity = kind === "risk" ? trainIlliquidity(markets, { backtestDays, seed }) : undefined;
  const dataSha256 = panelSha256(markets);
  const artefact = encodeArtefact({
    header: {
      format_version: 6,
      kind,
      horizon_days: horizonDays,
      interval_level: intervalLevel,
      as_of_day: candidate.asOfDay,
      domain: { low: candidate.space.low, high: candidate.space.high },
      apy_cap_percent: apyCapPercent,
      served_by: candidate.servedBy,
      baseline: candidate.baseline,
      anchors: [...(candidate.fitted?.point.anchors ?? [])],
      experts: {
        names: [...expertNames],
        prior: [...candidate.prior],
        learned: candidate.learned,
        protocols: candidate.learnedOfProtocols,
      },
      feature_names: [...data.table.featureNames],
      protocols: protocolsOf(markets),
      training_data_sha256: dataSha256,
    },
    point: candidate.fitted?.point,
    scale: candidate.learnedScale ? candidate.fitted?.scale : undefined,
    markets: candidate.markets,
    protocols: candidate.protocols,
    illiquidity,
  });
  advance(options, 1);
  const algorithm = kind === "risk" ? "random-forest" : "gradient-boosting";
  const manifest = {
    kind,
    horizon_days: horizonDays,
    algorithm,
    artefact_sha256: sha256Hex(artefact),
    training_data_sha256: dataSha256,
    parameters: {
      horizon_days: horizonDays,
      backtest_days: backtestDays,
      refit_days: refitDays,
      interval_level: intervalLevel,
      apy_cap_percent: apyCapPercent,
      seed,
      algorithm,
      ...task.learner.parameters,
    },
    metrics: describe(data, candidate, intervalLevel),
    served_by: candidate.servedBy,
  };
  return {
    ...manifest,
    version: modelVersion(manifest),
    artefact,
    baseline: candidate.baseline,
    tested: testedForecasts(data, candidate),
  };
}

/** More markets than these do not change what matters. */
const explainedMarketsMax = 100;

function importancesOf(
  { task, table }: WalkForwardData,
  { fitted, space }: Candidate,
): ModelMetrics["importances"] {
  if (fitted === undefined) return null;
  const newest = newestRows(table);
  const step = Math.ceil(newest.length / explainedMarketsMax);
  const rows = newest.filter((_row, index) => index % step === 0);
  return featureImportances(task, { point: fitted.point, space }, { table, rows });
}

function describe(data: WalkForwardData, candidate: Candidate, intervalLevel: number): ModelMetrics {
  const { table, horizonDays } = data;
  const { space, evidence, testRows } = candidate;
  const intervals = (history: Candidate["markets"]) => {
    const calibration = new AdaptiveCalibration(space, horizonDays);
    return intervalMetrics(calibration, history, { lastDay: candidate.asOfDay, level: intervalLevel });
  };
  const baselines = baselineMetrics(table, testRows);
  const natural = (centres: Float64Array) => centres.map((centre) => inverse(space, centre));
  const combined = candidateMetrics(table, testRows, natural(candidate.testCentres));
  const model = evidence && candidateMetrics(table, evidence.rows, natural(evidence.centres));
  const marketIntervals = intervals(candidate.markets);
  return {
    n: testRows.length,
    markets: new Set(Array.from(testRows, (row) => at(table.market, row))).size,
    folds: candidate.folds.map(({ firstDay, lastDay, rows, trainingRowCount }) => ({
      first_day: firstDay,
      last_day: lastDay,
      training_rows: trainingRowCount,
      test_rows: rows.length,
    })),
    baselines,
    combined,
    model: model ?? null,
    weights: weightsAfter(data, candidate),
    importances: importancesOf(data, candidate),
    market_intervals: marketIntervals,
    protocol_intervals: intervals(candidate.protocols),
    served: {
      baseline: candidate.baseline,
      model_mae: combined.mae_mean,
      baseline_mae: baselines[candidate.baseline].mae_mean,
      coverage_90: marketIntervals.coverage,
    },
  };
}

function weightsAfter(
  { task, horizonDays }: WalkForwardData,
  { prior, learned, fitted }: Candidate,
): Record<string, ExpertWeight[]> {
  const speaks = { model: fitted !== undefined, projection: task.learner.isProjection };
  const said = expertNames.map((name) =>
    (name === "model" || name === "projection") && !speaks[name] ? Number.NaN : 0,
  );
  return Object.fromEntries(
    Object.entries(learned.kinds).map(([kind, state]) => [
      kind,
      namedWeights(new DelayedWeights(prior, horizonDays, state).weights(said)),
    ]),
  );
}

function advance(options: Pick<TrainOptions, "onProgress" | "signal">, fraction: number): void {
  if (options.signal?.aborted === true) throw new MlError("ABORTED", "Training was stopped.");
  options.onProgress?.(fraction);
}

function assertOptions(options: TrainOptions & { apyCapPercent: number }): void {
  for (const name of ["horizonDays", "backtestDays"] as const) {
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
