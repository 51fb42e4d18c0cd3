import type { ReliabilityBin } from "../calibration/reliability.ts";
import type { BaselineName } from "../forecast/baselines.ts";
import { baselineNames } from "../forecast/baselines.ts";
import type { ModelKind } from "../forecast/forecast-space.ts";
import { inverse } from "../forecast/forecast-space.ts";
import { forecastTask } from "../forecast/forecast-task.ts";
import { MlError } from "../ml-error.ts";
import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { assertPanel, byMarketId, lastDayOf } from "../panel/market-series.ts";
import { rowsBetween, selectRows } from "../panel/sample-table.ts";
import type { PromotionDecision } from "../promotion/promotion-rule.ts";
import { judgeChallenger, testedForecasts } from "../promotion/tested-forecasts.ts";
import type { ScoreRisk } from "../risk/risk-metrics.ts";
import type { Candidate } from "../training/train-candidate.ts";
import { forecastsUntil, trainCandidate } from "../training/train-candidate.ts";
import type { WalkForwardData } from "../training/walk-forward.ts";
import { WalkForward } from "../training/walk-forward.ts";
import type { CandidateReport, IssuedProtocolForecast, ProtocolReport } from "./evaluation-scores.ts";
import { errorsByMarket, protocolReports, reliabilityOf, reportOf } from "./evaluation-scores.ts";
import type { AblationReport } from "./interval-ablations.ts";
import { IntervalAblations } from "./interval-ablations.ts";
import {
  asModel,
  forecastProtocols,
  forecastSpan,
  type Incumbent,
  type IssuedByRow,
  incumbent,
  issuedByBaseline,
  type Period,
} from "./issue-forecasts.ts";
import type { PeerForecast, PeerReport } from "./peer-comparison.ts";
import { comparePeer } from "./peer-comparison.ts";
import type { CellReport, RegimeReport, WorstWeekReport } from "./regime-scores.ts";
import { cellsOf, regimesOf, worstWeeksOf } from "./regime-scores.ts";

/** Days of new history between two challengers, in the evaluation and on a server. */
export const challengerIntervalDays = 15;

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
  /** Forecasts of somebody else, to be compared with on the same rows. @default none */
  peer?: readonly PeerForecast[];
  /** Whether to make the intervals of what was served by other rules, too. @default false */
  ablations?: boolean;
  /** Called with the forecasts that were served, by row of the table. */
  onServed?: (data: WalkForwardData, served: IssuedByRow) => void;
  /** Called with the share of the work done, 0 to 1, and what comes next. */
  onProgress?: (fraction: number, step: string) => void;
  /** Checked between fits. */
  signal?: { readonly aborted: boolean };
}

/** A walk-forward evaluation of what would have been served. */
export interface EvaluationReport {
  target: ModelKind;
  horizon: number;
  /** First and last day on which forecasts were made, UTC days since the epoch. */
  first_day: number;
  last_day: number;
  forecasts: number;
  markets: number;
  best_baseline: BaselineName;
  /** What the API would have served at the time, promotion rule included. */
  served: CandidateReport;
  /** The newest model whether promoted or not; where there was too little to learn from, the baseline. */
  model: CandidateReport;
  baselines: CandidateReport[];
  cells: CellReport[];
  /** Of the intervals as served. */
  regimes: RegimeReport[];
  worst_weeks: WorstWeekReport[];
  /** The forecasts of whole protocols, as served: aggregates of their markets with intervals of their own. */
  protocols: ProtocolReport[];
  /** Of the `confidence` that was served. */
  reliability: ReliabilityBin[];
  /** Empty unless asked for. */
  ablations: AblationReport[];
  /** Null when there is no peer. */
  peer: PeerReport | null;
  decisions: ({ day: number; served_by: "model" | "baseline" } & PromotionDecision)[];
}

/**
 * Lives through the last `backtestDays` days as a server would have: every {@link challengerIntervalDays} days a challenger is
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
  const expectedFits = days.length + Math.ceil((backtestDays + horizonDays) / challengerIntervalDays);
  let fits = 0;
  const walkForward = new WalkForward(data, (firstDay) => {
    if (options.signal?.aborted === true) throw new MlError("ABORTED", "The evaluation was stopped.");
    options.onProgress?.(
      Math.min(0.95, fits / expectedFits),
      `fitting on the days before ${dateOf(firstDay)}`,
    );
    fits += 1;
  });
  const served: IssuedByRow = new Map();
  const model: IssuedByRow = new Map();
  const protocols: IssuedProtocolForecast[] = [];
  const decisions: EvaluationReport["decisions"] = [];
  let champion: Incumbent | undefined;
  const ablations = options.ablations === true ? new IntervalAblations(data) : undefined;
  for (const day of days) {
    const challenger = trainCandidate(walkForward, day, backtestDays);
    const decision = comparePromotion(data, challenger, champion?.candidate);
    if (champion === undefined || decision.promoted) champion = incumbent(data, challenger);
    decisions.push({ day, served_by: champion.candidate.servedBy, ...decision });
    const span = { firstDay: day, lastDay: Math.min(day + challengerIntervalDays - 1, period.lastDay) };
    const newest = incumbent(data, asModel(data, challenger));
    const since = forecastSpan(data, champion, span, served);
    forecastProtocols(data, champion, since, { span, issued: protocols });
    ablations?.take(champion.candidate, since, span);
    forecastSpan(data, newest, span, model);
  }
  options.onServed?.(data, served);
  options.onProgress?.(0.95, "scoring");
  const rows = testRows(data, period);
  const baselines = baselineNames.map((name) => {
    const issued = issuedByBaseline(data, period, name);
    return { name, report: reportOf(data, rows, issued, name), errors: errorsByMarket(data, rows, issued) };
  });
  const best = baselines.reduce((left, right) =>
    right.report.mae_mean < left.report.mae_mean ? right : left,
  );
  const improved = (issued: IssuedByRow) => {
    const own = errorsByMarket(data, rows, issued);
    const better = [...own].filter(([market, error]) => error < (best.errors.get(market) ?? 0)).length;
    return better / own.size;
  };
  options.onProgress?.(1, "done");
  return {
    target,
    horizon: horizonDays,
    first_day: period.firstDay,
    last_day: period.lastDay,
    forecasts: rows.length,
    markets: best.errors.size,
    best_baseline: best.name,
    served: { ...reportOf(data, rows, served, "served"), pools_improved: improved(served) },
    model: { ...reportOf(data, rows, model, "model"), pools_improved: improved(model) },
    baselines: baselines.map(({ report }) => report),
    cells: cellsOf(data, rows, served),
    regimes: regimesOf(data, rows, served),
    worst_weeks: worstWeeksOf(data, rows, served),
    protocols: protocolReports(data, protocols),
    reliability: reliabilityOf(data, rows, served),
    ablations: ablations?.reports(rows) ?? [],
    peer:
      options.peer === undefined
        ? null
        : comparePeer(data, rows, options.peer, [
            { name: "served", valueAt: (row) => served.get(row)?.value ?? Number.NaN },
            { name: "model", valueAt: (row) => model.get(row)?.value ?? Number.NaN },
            ...baselineNames.map((name) => ({
              name,
              valueAt: (row: number) => at(data.table.baselines[name], row),
            })),
          ]),
    decisions,
  };
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
  const days = known.map((row) => at(table.day, row));
  const first = days.reduce((left, right) => Math.min(left, right));
  const last = days.reduce((left, right) => Math.max(left, right));
  // At least half of a short history is left to learn from.
  const dayCount = Math.min(backtestDays, Math.ceil((last - first + 1) / 2));
  return { firstDay: last - dayCount + 1, lastDay: last };
}

function challengerDays({ firstDay, lastDay }: Period): number[] {
  const days: number[] = [];
  for (let day = firstDay; day <= lastDay; day += challengerIntervalDays) days.push(day);
  return days;
}

function testRows({ table }: WalkForwardData, { firstDay, lastDay }: Period): Int32Array {
  return rowsBetween(table, firstDay, lastDay).filter((row) => !Number.isNaN(at(table.target, row)));
}

/** The decision that `decidePromotion` takes, from candidates that share one table. */
function comparePromotion(
  data: WalkForwardData,
  challenger: Candidate,
  champion: Candidate | undefined,
): PromotionDecision {
  const tested = testedForecasts(data, challenger);
  const values = champion && championValues(data, champion, challenger.asOfDay);
  return judgeChallenger(
    { tested, servedBy: challenger.servedBy },
    values && ((position) => values.get(at(challenger.testRows, position))),
  );
}

/** The champion's values for the rows whose outcomes it has not learned from, up to a day. */
function championValues(data: WalkForwardData, champion: Candidate, lastDay: number): Map<number, number> {
  const { rows, centres } = forecastsUntil(data, champion, lastDay);
  return new Map(
    Array.from(rows.entries())
      .filter(([, row]) => at(data.table.day, row) >= champion.asOfDay)
      .map(([index, row]) => [row, inverse(champion.space, at(centres, index))]),
  );
}

function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}
