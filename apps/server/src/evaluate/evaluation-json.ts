import type { CandidateReport } from "@obsqra/ml";
import { isoDay } from "./iso-day.ts";
import type { Evaluation } from "./run-evaluation.ts";

/**
 * The result for programs: one object. `served` and `baselines` are in short what `candidates` are in full; days are ISO
 * dates, shares lie between 0 and 1, errors are in percentage points of APY or in score points.
 */
export function toEvaluationJson(evaluation: Evaluation) {
  if (evaluation.target === "illiquidity") {
    const { horizon_days: horizon, ...report } = evaluation.report;
    return { target: evaluation.target, horizon, ...report, ...describeInput(evaluation) };
  }
  const { target, cap, report, others } = evaluation;
  const { served, baselines, model } = report;
  return {
    target,
    horizon: report.horizon,
    forecasts: report.forecasts,
    served: {
      name: served.name,
      mae_mean: served.mae_mean,
      mae_median_pool: served.mae_median_pool,
      interval_score_90: intervalAt(served, 0.9)?.interval_score ?? null,
      coverage: {
        "50": intervalAt(served, 0.5)?.coverage ?? null,
        "80": intervalAt(served, 0.8)?.coverage ?? null,
        "90": intervalAt(served, 0.9)?.coverage ?? null,
        "95": intervalAt(served, 0.95)?.coverage ?? null,
      },
    },
    baselines: baselines.map(({ name, mae_mean, mae_median_pool }) => ({ name, mae_mean, mae_median_pool })),
    cells: [report, ...others].flatMap(({ cells }) =>
      cells.map(({ project, regime, horizon, n, coverage_90 }) => ({
        project,
        regime,
        horizon,
        n,
        coverage_90,
      })),
    ),
    regimes: [report, ...others].flatMap(({ regimes }) => regimes),
    worst_weeks: [report, ...others].flatMap(({ worst_weeks }) =>
      worst_weeks.map((week) => ({ ...week, first_day: isoDay(week.first_day) })),
    ),
    ablations: [report, ...others].flatMap(({ ablations }) => ablations),
    ...describeInput(evaluation),
    cap,
    first_day: isoDay(report.first_day),
    last_day: isoDay(report.last_day),
    markets: report.markets,
    best_baseline: report.best_baseline,
    candidates: [served, ...(model === null ? [] : [model]), ...baselines],
    protocols: [report, ...others].flatMap(({ protocols }) => protocols),
    peer: report.peer,
    reliability: report.reliability,
    decisions: report.decisions.map((decision) => ({ ...decision, day: isoDay(decision.day) })),
  };
}

function describeInput({ file, column, days, until }: Evaluation) {
  const { rows_read, rows_loaded, rows_rejected, duplicates, flags } = file.rows;
  return {
    file: file.name,
    file_sha256: file.sha256,
    rows: { read: rows_read, loaded: rows_loaded, rejected: rows_rejected, duplicates, flags },
    column,
    days,
    until: until === undefined ? null : isoDay(until),
  };
}

function intervalAt({ intervals }: CandidateReport, level: number) {
  return intervals.find((interval) => Math.abs(interval.level - level) < 1e-9);
}
