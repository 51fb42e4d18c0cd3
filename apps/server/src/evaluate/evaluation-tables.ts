import type {
  CandidateReport,
  EvaluationReport,
  IlliquidityScores,
  PeerReport,
  ProtocolReport,
  ReliabilityBin,
} from "@obsqra/ml";
import { toChange, toFigure, toPercent } from "./format-figures.ts";
import type { Table } from "./format-table.ts";
import { isoDay } from "./iso-day.ts";

/** Cells with fewer forecasts say too little about coverage to be judged. */
const judgedForecastsMin = 500;
/** What coverage of 90 % intervals may be in a cell that is judged. */
const coverageRange = { min: 0.86, max: 0.94 };

/** Point errors, a row per candidate. */
export function accuracyTable(report: EvaluationReport): Table {
  const best = report.baselines.find(({ name }) => name === report.best_baseline)?.mae_mean ?? Number.NaN;
  return {
    columns: [
      "candidate",
      "mean MAE",
      "to best baseline",
      "median-pool MAE",
      "pinball loss",
      "pools improved",
    ],
    rows: candidatesOf(report).map(({ name, mae_mean, mae_median_pool, pinball, pools_improved }) => [
      name,
      toFigure(mae_mean),
      toChange(mae_mean, best),
      toFigure(mae_median_pool),
      toFigure(pinball),
      toPercent(pools_improved),
    ]),
  };
}

/** Point errors beside a peer's, on the rows that both forecast. */
export function peerTable({ n, forecasts, candidates }: PeerReport, best: string): Table {
  const reference = candidates.find(({ name }) => name === best)?.mae_mean ?? Number.NaN;
  return {
    columns: ["candidate", "mean MAE", "to best baseline", "median-pool MAE", "forecasts", "of"],
    rows: candidates.map(({ name, mae_mean, mae_median_pool }) => [
      name,
      toFigure(mae_mean),
      toChange(mae_mean, reference),
      toFigure(mae_median_pool),
      String(n),
      String(forecasts),
    ]),
  };
}

/** A row per candidate and level. */
export function intervalTable(report: EvaluationReport): Table {
  return {
    columns: ["candidate", "level", "coverage", "mean width", "median width", "interval score"],
    rows: candidatesOf(report).flatMap(({ name, intervals }) =>
      intervals.map(({ level, coverage, width_mean, width_median, interval_score }) => [
        name,
        `${Math.round(100 * level)} %`,
        toPercent(coverage),
        toFigure(width_mean),
        toFigure(width_median),
        toFigure(interval_score),
      ]),
    ),
  };
}

/** The intervals as served of moving and of flat markets, a row per regime and horizon. */
export function regimeTable(reports: readonly EvaluationReport[]): Table {
  const levels = reports[0]?.regimes[0]?.coverage.map(({ level }) => level) ?? [];
  return {
    columns: ["markets", "horizon", "forecasts", ...levels.map(toPercent), "interval score of 90 %"],
    rows: reports.flatMap(({ regimes }) =>
      regimes.map(({ regime, horizon, n, coverage, interval_score_90 }) => [
        regime,
        String(horizon),
        String(n),
        ...coverage.map((each) => toPercent(each.coverage)),
        toFigure(interval_score_90),
      ]),
    ),
  };
}

/** The weeks in which the 90 % intervals as served covered least. */
export function worstWeekTable(reports: readonly EvaluationReport[]): Table {
  return {
    columns: ["markets", "horizon", "week from", "forecasts", "coverage"],
    rows: reports.flatMap(({ worst_weeks }) =>
      worst_weeks.map(({ markets, horizon, first_day, n, coverage_90 }) => [
        markets,
        String(horizon),
        isoDay(first_day),
        String(n),
        toPercent(coverage_90),
      ]),
    ),
  };
}

/** Intervals by other rules, a row per horizon and set of rules. */
export function ablationTable(reports: readonly EvaluationReport[]): Table {
  const all = (levels: readonly number[]) => levels.map((share) => (100 * share).toFixed(1)).join(", ");
  const share = (value: number | null) => (value === null ? "-" : (100 * value).toFixed(1));
  return {
    columns: [
      "horizon",
      "rules",
      "moving: 50, 80, 90, 95",
      "all: 50, 80, 90, 95",
      "flat: 90",
      "worst week",
      "moving",
      "score of 50 %",
      "of 90 %",
    ],
    rows: reports.flatMap(({ ablations }) =>
      ablations.map((each) => [
        String(each.horizon),
        each.rules,
        all(each.moving),
        all(each.all),
        share(each.flat_90),
        share(each.worst_week),
        share(each.worst_week_moving),
        toFigure(each.interval_score_50),
        toFigure(each.interval_score_90),
      ]),
    ),
  };
}

/** Coverage of the 90 % intervals, a row per project, regime and horizon. */
export function cellTable(reports: readonly EvaluationReport[]): Table {
  return {
    columns: ["project", "markets", "horizon", "forecasts", "coverage", "86 % to 94 %"],
    rows: reports.flatMap(({ cells }) =>
      cells.map(({ project, regime, horizon, n, coverage_90 }) => [
        project,
        regime,
        String(horizon),
        String(n),
        toPercent(coverage_90),
        judgeCoverage(n, coverage_90),
      ]),
    ),
  };
}

/** The forecasts of whole protocols, a row per protocol and horizon. */
export function protocolTable(reports: readonly EvaluationReport[]): Table {
  return {
    columns: [
      "project",
      "horizon",
      "forecasts",
      "mean MAE",
      "last_value",
      "to last_value",
      "coverage of 90 %",
    ],
    rows: reports.flatMap(({ protocols }) =>
      [...protocols, ...allProtocols(protocols)].map(
        ({ project, horizon, n, mae_mean, last_value_mae, coverage_90 }) => [
          project,
          String(horizon),
          String(n),
          toFigure(mae_mean),
          toFigure(last_value_mae),
          toChange(mae_mean, last_value_mae),
          toPercent(coverage_90),
        ],
      ),
    ),
  };
}

/** All protocols of a horizon together, each forecast counting once; none where there is only one. */
function allProtocols(protocols: readonly ProtocolReport[]): ProtocolReport[] {
  const [first] = protocols;
  if (first === undefined || protocols.length === 1) return [];
  const n = protocols.reduce((sum, each) => sum + each.n, 0);
  const total = (read: (report: ProtocolReport) => number) =>
    protocols.reduce((sum, each) => sum + (each.n / n) * read(each), 0);
  return [
    {
      project: "all",
      horizon: first.horizon,
      n,
      mae_mean: total(({ mae_mean }) => mae_mean),
      last_value_mae: total(({ last_value_mae }) => last_value_mae),
      coverage_90: total(({ coverage_90 }) => coverage_90),
    },
  ];
}

/** What was stated against what came true, a row per bin. */
export function reliabilityTable(bins: readonly ReliabilityBin[]): Table {
  return {
    columns: ["from", "to", "forecasts", "stated", "observed"],
    rows: bins.map(({ from, to, n, stated, observed }) => [
      toPercent(from),
      toPercent(to),
      String(n),
      toPercent(stated),
      toPercent(observed),
    ]),
  };
}

/** Which candidate served from which day on, and the errors that decided it. */
export function decisionTable({ decisions }: EvaluationReport): Table {
  return {
    columns: ["day", "served by", "promoted", "reason", "forecasts", "challenger", "champion", "baseline"],
    rows: decisions.map((decision) => [
      isoDay(decision.day),
      decision.served_by,
      decision.promoted ? "yes" : "no",
      decision.reason,
      String(decision.n),
      toFigure(decision.challenger_mae),
      toFigure(decision.champion_mae),
      toFigure(decision.baseline_mae),
    ]),
  };
}

/** Errors of probabilities, a row per forecaster. */
export function probabilityTable({ served, model, baselines }: IlliquidityScores): Table {
  return {
    columns: ["candidate", "Brier score", "skill", "95 % of draws of folds", "log loss"],
    rows: [{ ...served, name: `served (now ${served.name})` }, model, ...baselines].map(
      ({ name, brier, skill, skill_low, skill_high, log_loss }) => [
        name,
        toFigure(brier),
        toPercent(skill),
        `${toPercent(skill_low)} to ${toPercent(skill_high)}`,
        toFigure(log_loss),
      ],
    ),
  };
}

function candidatesOf({ served, model, baselines }: EvaluationReport): CandidateReport[] {
  return [served, ...(model === null ? [] : [model]), ...baselines];
}

function judgeCoverage(forecasts: number, coverage: number): string {
  if (forecasts < judgedForecastsMin) return "too few to judge";
  return coverage >= coverageRange.min && coverage <= coverageRange.max ? "yes" : "NO";
}
