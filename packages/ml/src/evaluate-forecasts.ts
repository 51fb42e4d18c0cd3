import { AdaptiveCalibration, INTERVAL_LEVELS } from "./adaptive-calibration.ts";
import type { BaselineName } from "./baselines.ts";
import { BASELINE_NAMES } from "./baselines.ts";
import type { ReliabilityBin } from "./confidence.ts";
import { reliabilityTable } from "./confidence.ts";
import { byMarketId } from "./content-hash.ts";
import { marketErrors } from "./forecast-errors.ts";
import type { RowForecasts } from "./forecast-history.ts";
import { marketHistory, protocolHistory, protocolsOf } from "./forecast-history.ts";
import type { Distribution, ModelKind } from "./forecast-space.ts";
import { inverse } from "./forecast-space.ts";
import { forecastTask } from "./forecast-task.ts";
import type { MarketSeries } from "./market-series.ts";
import { assertPanel, lastDayOf } from "./market-series.ts";
import { MlError } from "./ml-error.ts";
import { at, mean, median } from "./numbers.ts";
import type { PromotionDecision } from "./promotion.ts";
import { promotionOf } from "./promotion.ts";
import type { ScoreRisk } from "./risk/risk-metrics.ts";
import { selectRows } from "./sample-table.ts";
import type { Candidate } from "./train-candidate.ts";
import {
  baselineCentres,
  candidateForecasts,
  candidateHistory,
  rowScales,
  trainCandidate,
} from "./train-candidate.ts";
import type { WalkForwardData } from "./walk-forward.ts";
import { WalkForward } from "./walk-forward.ts";

/** Days between two challengers: so often a server that gets new data every day is assumed to train. */
const CHALLENGER_DAYS = 15;

/** Baselines start to calibrate their intervals this long before the test. */
const warmUpDays = 60;

/** What to evaluate. */
export interface EvaluationOptions {
  target: ModelKind;
  horizonDays: number;
  /** Days of forecasts with known outcomes, counted back from the last; fewer when the history is short. */
  backtestDays: number;
  /** Daily APYs are winsorised to ± this many percent. */
  apyCapPercent: number;
  seed: number;
  scoreRisk: ScoreRisk;
  /** Called with the share of the work done, 0 to 1, and what comes next. */
  onProgress?: (fraction: number, step: string) => void;
  /** Checked between fits. */
  signal?: { readonly aborted: boolean };
}

/** How the intervals of one level did. */
export interface IntervalReport {
  level: number;
  coverage: number;
  width_mean: number;
  width_median: number;
  /** Gneiting and Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 2007, section 6.2. */
  interval_score: number;
}

/** How one candidate did, in natural units. */
export interface CandidateReport {
  name: "served" | "model" | BaselineName;
  mae_mean: number;
  /** Median over markets of the market's mean absolute error. */
  mae_median_pool: number;
  /** Mean pinball loss over the bounds of all intervals and the forecast as the median. */
  pinball: number;
  intervals: IntervalReport[];
  /** Share of the markets whose mean absolute error is below that of the best baseline; null for baselines. */
  pools_improved: number | null;
}

/** How the forecasts of one protocol did, in natural units. */
export interface ProtocolReport {
  project: string;
  horizon: number;
  /** Days with forecasts of known outcome. */
  n: number;
  mae_mean: number;
  /** Of the same days' last values, weighted alike. */
  last_value_mae: number;
  coverage_90: number;
}

/** A walk-forward evaluation of what would have been answered. */
export interface EvaluationReport {
  target: ModelKind;
  horizon: number;
  /** First and last day on which forecasts were made, UTC days since the epoch. */
  first_day: number;
  last_day: number;
  forecasts: number;
  markets: number;
  best_baseline: BaselineName;
  /** What the API would have answered at the time, promotion rule included. */
  served: CandidateReport;
  /** The newest model whether promoted or not; where there was too little to learn from, the baseline. */
  model: CandidateReport;
  baselines: CandidateReport[];
  cells: { project: string; horizon: number; n: number; coverage_90: number }[];
  /** The forecasts of whole protocols, as served: aggregates of their markets with intervals of their own. */
  protocols: ProtocolReport[];
  /** Of the `confidence` that was served. */
  reliability: ReliabilityBin[];
  decisions: ({ day: number; served_by: "model" | "baseline" } & PromotionDecision)[];
}

/**
 * Lives through the last `backtestDays` days as a server would have: every {@link CHALLENGER_DAYS} days a challenger is
 * trained on what was known, tested walk-forward and promoted or not, and the champion forecasts every market on every day,
 * its intervals calibrated by the outcomes known on that day. The same functions train and forecast for the API. Pure;
 * takes seconds to minutes.
 *
 * @throws MlError `NOT_ENOUGH_HISTORY` when no forecast has a known outcome, `INVALID_SERIES`, `ABORTED`
 */
export function evaluateForecasts(
  panel: readonly MarketSeries[],
  options: EvaluationOptions,
): EvaluationReport {
  const { target, horizonDays, backtestDays, seed } = options;
  assertPanel(panel);
  const markets = [...panel].sort(byMarketId);
  const task = forecastTask(target, options);
  const data = { task, horizonDays, seed, panel: markets, table: task.table(markets) };
  const period = testPeriod(data, backtestDays);
  const days = challengerDays(period);
  const expectedFits = days.length + Math.ceil((backtestDays + horizonDays) / CHALLENGER_DAYS);
  let fits = 0;
  const walkForward = new WalkForward(data, (firstDay) => {
    if (options.signal?.aborted === true) throw new MlError("ABORTED", "The evaluation was stopped.");
    options.onProgress?.(
      Math.min(0.95, fits / expectedFits),
      `fitting on the days before ${dateOf(firstDay)}`,
    );
    fits += 1;
  });
  const served = new Answers();
  const model = new Answers();
  const protocols: ProtocolAnswer[] = [];
  const decisions: EvaluationReport["decisions"] = [];
  let champion: Incumbent | undefined;
  for (const day of days) {
    const challenger = trainCandidate(walkForward, day, backtestDays);
    const decision = comparePromotion(data, challenger, champion?.candidate);
    if (champion === undefined || decision.promoted) champion = incumbent(data, challenger);
    decisions.push({ day, served_by: champion.candidate.servedBy, ...decision });
    const span = { firstDay: day, lastDay: Math.min(day + CHALLENGER_DAYS - 1, period.lastDay) };
    answerSpan(data, champion, span, served);
    answerProtocols(data, champion, span, protocols);
    answerSpan(data, incumbent(data, asModel(data, challenger)), span, model);
  }
  options.onProgress?.(0.95, "scoring");
  const rows = testRows(data, period);
  const baselines = BASELINE_NAMES.map((name) =>
    report(data, rows, baselineAnswers(data, period, name), name),
  );
  const best = baselines.reduce((left, right) => (right.mae_mean < left.mae_mean ? right : left));
  const bestErrors = errorsByMarket(data, rows, baselineAnswers(data, period, nameOf(best)));
  const improved = (answers: Answers) => {
    const own = errorsByMarket(data, rows, answers);
    const better = [...own].filter(([market, error]) => error < (bestErrors.get(market) ?? 0)).length;
    return better / own.size;
  };
  options.onProgress?.(1, "done");
  return {
    target,
    horizon: horizonDays,
    first_day: period.firstDay,
    last_day: period.lastDay,
    forecasts: rows.length,
    markets: bestErrors.size,
    best_baseline: nameOf(best),
    served: { ...report(data, rows, served, "served"), pools_improved: improved(served) },
    model: { ...report(data, rows, model, "model"), pools_improved: improved(model) },
    baselines,
    cells: cellsOf(data, rows, served),
    protocols: protocolReports(data, protocols),
    reliability: reliabilityOf(data, rows, served),
    decisions,
  };
}

interface Period {
  firstDay: number;
  lastDay: number;
}

/** A candidate that answers, with what it knows about its own errors. */
interface Incumbent {
  candidate: Candidate;
  calibration: AdaptiveCalibration;
  protocolCalibration: AdaptiveCalibration;
}

/** What was issued for a protocol on a day, and what came of it. */
interface ProtocolAnswer {
  protocol: string;
  forecast: Distribution;
  lastValue: number;
  outcome: number;
}

/** What was issued for each row of the table. */
class Answers {
  readonly #byRow = new Map<number, Distribution>();

  set(row: number, forecast: Distribution): void {
    this.#byRow.set(row, forecast);
  }

  get(row: number): Distribution {
    const forecast = this.#byRow.get(row);
    if (forecast === undefined) throw new Error(`Row ${row} was not forecast.`);
    return forecast;
  }
}

function testPeriod(data: WalkForwardData, backtestDays: number): Period {
  const { table, horizonDays, panel } = data;
  const newest = lastDayOf(panel) - horizonDays;
  const known = selectRows(
    table,
    (row) => at(table.day, row) <= newest && !Number.isNaN(at(table.target, row)),
  );
  if (known.length === 0) {
    throw new MlError("NOT_ENOUGH_HISTORY", "No forecast of this history has a known outcome.");
  }
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const row of known) {
    first = Math.min(first, at(table.day, row));
    last = Math.max(last, at(table.day, row));
  }
  // At least half of a short history is left to learn from.
  const dayCount = Math.min(backtestDays, Math.ceil((last - first + 1) / 2));
  return { firstDay: last - dayCount + 1, lastDay: last };
}

function challengerDays({ firstDay, lastDay }: Period): number[] {
  const days: number[] = [];
  for (let day = firstDay; day <= lastDay; day += CHALLENGER_DAYS) days.push(day);
  return days;
}

function testRows({ table }: WalkForwardData, { firstDay, lastDay }: Period): Int32Array {
  return selectRows(
    table,
    (row) =>
      at(table.day, row) >= firstDay && at(table.day, row) <= lastDay && !Number.isNaN(at(table.target, row)),
  );
}

/** The candidate as if its model served, whatever the test said. */
function asModel(data: WalkForwardData, candidate: Candidate): Candidate {
  if (candidate.fitted === undefined || candidate.evidence === undefined) return candidate;
  const model = { ...candidate, servedBy: "model" as const };
  return { ...model, ...candidateHistory(data, model) };
}

function incumbent(data: WalkForwardData, candidate: Candidate): Incumbent {
  const calibration = new AdaptiveCalibration(candidate.space, data.horizonDays);
  calibration.replay(candidate.markets, candidate.asOfDay);
  const protocolCalibration = new AdaptiveCalibration(candidate.space, data.horizonDays);
  protocolCalibration.replay(candidate.protocols, candidate.asOfDay);
  return { candidate, calibration, protocolCalibration };
}

function answerSpan(
  data: WalkForwardData,
  { candidate, calibration }: Incumbent,
  span: Period,
  answers: Answers,
) {
  const { table } = data;
  const rows = selectRows(
    table,
    (row) => at(table.day, row) >= span.firstDay && at(table.day, row) <= span.lastDay,
  );
  issue(data, calibration, candidateForecasts(data, candidate, rows), { lastDay: span.lastDay, answers });
}

/** The same for the protocols, from their markets of the day. */
function answerProtocols(
  data: WalkForwardData,
  { candidate, protocolCalibration }: Incumbent,
  span: Period,
  answers: ProtocolAnswer[],
): void {
  const { table, panel } = data;
  const { space } = candidate;
  const rows = selectRows(
    table,
    (row) => at(table.day, row) >= span.firstDay && at(table.day, row) <= span.lastDay,
  );
  const historyOf = (forecasts: RowForecasts) =>
    protocolHistory(table, space, { history: marketHistory(panel, table, forecasts), forecasts });
  const own = historyOf(candidateForecasts(data, candidate, rows));
  const lastValues = historyOf({
    rows,
    centres: baselineCentres(table, rows, { space, name: "last_value" }),
    scales: rowScales(data, undefined, rows),
  });
  const names = protocolsOf(panel);
  protocolCalibration.replay(own, span.lastDay, (index, forecast) => {
    answers.push({
      protocol: names[at(own.protocols, index)] ?? "",
      forecast,
      lastValue: inverse(space, at(lastValues.centres, index)),
      outcome: at(own.outcomes, index),
    });
  });
}

function protocolReports(data: WalkForwardData, answers: readonly ProtocolAnswer[]): ProtocolReport[] {
  const shown = INTERVAL_LEVELS.indexOf(0.9);
  return [...Map.groupBy(answers, ({ protocol }) => protocol)]
    .map(([project, all]): ProtocolReport => {
      const covered = all.filter(({ forecast, outcome }) => {
        const { lower, upper } = boundsAt(forecast, shown);
        return outcome >= lower && outcome <= upper;
      });
      return {
        project,
        horizon: data.horizonDays,
        n: all.length,
        mae_mean: mean(all.map(({ forecast, outcome }) => Math.abs(forecast.value - outcome))),
        last_value_mae: mean(all.map(({ lastValue, outcome }) => Math.abs(lastValue - outcome))),
        coverage_90: covered.length / all.length,
      };
    })
    .sort((left, right) => (left.project < right.project ? -1 : 1));
}

/** Issues forecasts day by day and keeps what was said about each row. */
function issue(
  { panel, table }: WalkForwardData,
  calibration: AdaptiveCalibration,
  forecasts: RowForecasts,
  options: { lastDay: number; answers: Answers },
): void {
  const history = marketHistory(panel, table, forecasts);
  const ordered = Array.from(forecasts.rows).sort(
    (left, right) => at(table.day, left) - at(table.day, right) || left - right,
  );
  calibration.replay(history, options.lastDay, (index, forecast) => {
    options.answers.set(at(ordered, index), forecast);
  });
}

/** A naive forecast with intervals from its own past errors, scaled by the local volatility. */
function baselineAnswers(data: WalkForwardData, period: Period, name: BaselineName): Answers {
  const { table, task, panel, horizonDays } = data;
  const space = task.space(panel, period.lastDay);
  const firstDay = period.firstDay - warmUpDays - horizonDays;
  const rows = selectRows(
    table,
    (row) => at(table.day, row) >= firstDay && at(table.day, row) <= period.lastDay,
  );
  const answers = new Answers();
  const centres = baselineCentres(table, rows, { space, name });
  const forecasts = { rows, centres, scales: rowScales(data, undefined, rows) };
  const calibration = new AdaptiveCalibration(space, horizonDays);
  issue(data, calibration, forecasts, { lastDay: period.lastDay, answers });
  return answers;
}

/** The decision that `decidePromotion` takes, from candidates that share one table. */
function comparePromotion(
  data: WalkForwardData,
  challenger: Candidate,
  champion: Candidate | undefined,
): PromotionDecision {
  const { table } = data;
  const { testRows: tested, evidence, space } = challenger;
  const centres =
    challenger.servedBy === "model" && evidence !== undefined
      ? evidence.centres
      : baselineCentres(table, tested, { space, name: challenger.baseline });
  const centreOf = new Map(Array.from(tested, (row, index) => [row, at(centres, index)]));
  const rows = tested.filter(
    (row) =>
      champion === undefined || champion.servedBy === "baseline" || at(table.day, row) >= champion.asOfDay,
  );
  const errorOf = (row: number, value: number) => Math.abs(value - at(table.target, row));
  const championForecasts = champion && candidateForecasts(data, champion, rows);
  return promotionOf(
    {
      days: rows.map((row) => at(table.day, row)),
      challenger: Float64Array.from(rows, (row) =>
        errorOf(row, inverse(space, centreOf.get(row) ?? Number.NaN)),
      ),
      champion:
        champion &&
        championForecasts &&
        Float64Array.from(rows, (row, index) =>
          errorOf(row, inverse(champion.space, at(championForecasts.centres, index))),
        ),
      baseline: Float64Array.from(rows, (row) => errorOf(row, at(table.baselines[challenger.baseline], row))),
    },
    { challenger: challenger.servedBy },
  );
}

function report(
  { table }: WalkForwardData,
  rows: Int32Array,
  answers: Answers,
  name: CandidateReport["name"],
): CandidateReport {
  const errors = Float64Array.from(rows, (row) => Math.abs(answers.get(row).value - at(table.target, row)));
  return {
    name,
    mae_mean: mean(errors),
    mae_median_pool: median([...marketErrors(table, rows, errors).values()]),
    pinball: mean(Float64Array.from(rows, (row) => pinballLoss(answers.get(row), at(table.target, row)))),
    intervals: INTERVAL_LEVELS.map((level, index) => {
      const score = { covered: 0, interval: 0 };
      const widths = Float64Array.from(rows, (row) => {
        const { lower, upper } = boundsAt(answers.get(row), index);
        const actual = at(table.target, row);
        const missedBy = Math.max(0, lower - actual, actual - upper);
        if (missedBy === 0) score.covered += 1;
        score.interval += upper - lower + (2 / (1 - level)) * missedBy;
        return upper - lower;
      });
      return {
        level,
        coverage: score.covered / rows.length,
        width_mean: mean(widths),
        width_median: median(widths),
        interval_score: score.interval / rows.length,
      };
    }),
    pools_improved: null,
  };
}

/** Koenker and Bassett, "Regression Quantiles", Econometrica 1978. */
function pinballLoss(forecast: Distribution, actual: number): number {
  const quantiles = INTERVAL_LEVELS.flatMap((level, index) => {
    const { lower, upper } = boundsAt(forecast, index);
    return [
      { share: (1 - level) / 2, value: lower },
      { share: (1 + level) / 2, value: upper },
    ];
  });
  const all = [...quantiles, { share: 0.5, value: forecast.value }];
  return mean(
    all.map(({ share, value }) =>
      actual >= value ? share * (actual - value) : (1 - share) * (value - actual),
    ),
  );
}

function boundsAt(forecast: Distribution, index: number): { lower: number; upper: number } {
  return forecast.intervals[index] ?? { lower: Number.NaN, upper: Number.NaN };
}

function errorsByMarket({ table }: WalkForwardData, rows: Int32Array, answers: Answers): Map<number, number> {
  const errors = Float64Array.from(rows, (row) => Math.abs(answers.get(row).value - at(table.target, row)));
  return marketErrors(table, rows, errors);
}

function cellsOf(data: WalkForwardData, rows: Int32Array, answers: Answers): EvaluationReport["cells"] {
  const { table, panel, horizonDays } = data;
  const shown = INTERVAL_LEVELS.indexOf(0.9);
  const cells = new Map<string, { n: number; covered: number }>();
  for (const row of rows) {
    const project = panel[at(table.market, row)]?.protocol ?? "";
    const cell = cells.get(project) ?? { n: 0, covered: 0 };
    cells.set(project, cell);
    const { lower, upper } = boundsAt(answers.get(row), shown);
    cell.n += 1;
    if (at(table.target, row) >= lower && at(table.target, row) <= upper) cell.covered += 1;
  }
  return [...cells]
    .map(([project, { n, covered }]) => ({ project, horizon: horizonDays, n, coverage_90: covered / n }))
    .sort((left, right) => (left.project < right.project ? -1 : 1));
}

function reliabilityOf({ table }: WalkForwardData, rows: Int32Array, answers: Answers): ReliabilityBin[] {
  const forecasts = Array.from(rows, (row) => ({ ...answers.get(row), actual: at(table.target, row) }));
  return reliabilityTable(
    forecasts.map(({ confidence }) => confidence),
    forecasts.map(({ value, actual, confidenceTolerance }) =>
      Math.abs(actual - value) <= confidenceTolerance ? 1 : 0,
    ),
    10,
  );
}

function nameOf({ name }: CandidateReport): BaselineName {
  return BASELINE_NAMES.find((baseline) => baseline === name) ?? "last_value";
}

function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}
