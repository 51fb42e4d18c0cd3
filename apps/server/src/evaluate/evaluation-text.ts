import type { IlliquidityScores } from "@obsqra/ml";
import {
  ablationTable,
  accuracyTable,
  cellTable,
  decisionTable,
  intervalTable,
  peerTable,
  probabilityTable,
  protocolTable,
  regimeTable,
  reliabilityTable,
  worstWeekTable,
} from "./evaluation-tables.ts";
import { toChange, toFigure, toPercent } from "./format-figures.ts";
import { markdownTable, plainTable, type Table } from "./format-table.ts";
import { isoDay } from "./iso-day.ts";
import type { Evaluation } from "./run-evaluation.ts";

interface Section {
  readonly title: string;
  readonly table: Table;
}

/** The result for people: its title and {@link formatFindings}. */
export function formatEvaluation(evaluation: Evaluation, format: "text" | "markdown"): string {
  const title = evaluationTitle(evaluation);
  return `${format === "markdown" ? `## ${title}` : title}\n\n${formatFindings(evaluation, format)}`;
}

/** A summary, and tables below their titles. */
export function formatFindings(evaluation: Evaluation, format: "text" | "markdown"): string {
  const isMarkdown = format === "markdown";
  const blocks = sectionsOf(evaluation).map(({ title, table }) => {
    const heading = isMarkdown ? `### ${title}\n` : `${title}\n${"-".repeat(title.length)}`;
    const text = isMarkdown ? markdownTable(table) : plainTable(table);
    return `${heading}\n${table.rows.length === 0 ? "None." : text}`;
  });
  // Two spaces at its end keep a line of Markdown a line.
  const summary = summarise(evaluation).join(isMarkdown ? "  \n" : "\n");
  return [summary, ...blocks].join("\n\n");
}

/** The length of the test periods that is not said. */
const daysUsual = 90;

/** What was evaluated, in a line. */
export function evaluationTitle(evaluation: Evaluation): string {
  const { days, until } = evaluation;
  const length = days === daysUsual ? "" : `, the last ${days} days`;
  return `${titleOf(evaluation)}${length}${until === undefined ? "" : `, until ${isoDay(until)}`}`;
}

function titleOf(evaluation: Evaluation): string {
  const { file, column, target } = evaluation;
  switch (target) {
    case "yield":
      return `${file.name}: mean ${column} over the next ${evaluation.report.horizon} days, capped at ± ${evaluation.cap} %`;
    case "risk":
      return `${file.name}: risk score in ${evaluation.report.horizon} days, ${column} capped at ± ${evaluation.cap} %`;
    case "illiquidity":
      return `${file.name}: illiquidity within ${evaluation.report.horizon_days} days`;
  }
}

function summarise(evaluation: Evaluation): string[] {
  const { file, days } = evaluation;
  const data = `Data: ${file.rows.rows_loaded} of ${file.rows.rows_read} rows, SHA-256 ${file.sha256}.`;
  if (evaluation.target === "illiquidity") {
    const { onset, ...overall } = evaluation.report;
    return [
      `Test period: at most ${days} days.`,
      `All markets: ${summariseScores(overall)}`,
      onset === null
        ? "Every market was illiquid."
        : `Markets that were not illiquid: ${summariseScores(onset)}`,
      data,
    ];
  }
  const { report } = evaluation;
  const { served, best_baseline } = report;
  const best = report.baselines.find(({ name }) => name === best_baseline)?.mae_mean ?? Number.NaN;
  return [
    `${report.forecasts} forecasts of ${report.markets} markets, made from ${isoDay(report.first_day)} to ${isoDay(report.last_day)}; test period: at most ${days} days.`,
    `Mean MAE as served: ${toFigure(served.mae_mean)}; of the best baseline, ${best_baseline}: ${toFigure(best)} (${toChange(served.mae_mean, best)}).`,
    data,
  ];
}

function summariseScores({
  forecasts,
  events,
  base_rate,
  served_by_model,
  skill_reference,
}: IlliquidityScores) {
  return `${forecasts} forecasts, of which ${events} (${toPercent(base_rate)}) came true; the model served ${toPercent(served_by_model)} of them; skill is relative to ${skill_reference}.`;
}

function sectionsOf(evaluation: Evaluation): Section[] {
  const { report } = evaluation;
  if (evaluation.target === "illiquidity") {
    const { onset, ...overall } = evaluation.report;
    const sections = [
      { title: "Probabilities, all markets", table: probabilityTable(overall) },
      { title: "Reliability as served, all markets", table: reliabilityTable(overall.reliability) },
    ];
    if (onset === null) return sections;
    return [
      ...sections,
      { title: "Probabilities, markets that were not illiquid", table: probabilityTable(onset) },
      {
        title: "Reliability as served, markets that were not illiquid",
        table: reliabilityTable(onset.reliability),
      },
    ];
  }
  const unit = evaluation.target === "yield" ? "percentage points" : "score points";
  return [
    { title: `Accuracy, in ${unit}`, table: accuracyTable(evaluation.report) },
    ...(evaluation.report.peer === null
      ? []
      : [
          {
            title: `Beside the peer's forecasts, on the rows that both have, in ${unit}`,
            table: peerTable(evaluation.report.peer, evaluation.report.best_baseline),
          },
        ]),
    { title: `Intervals, in ${unit}`, table: intervalTable(evaluation.report) },
    {
      title: "Coverage of the intervals as served, moving and flat markets apart",
      table: regimeTable([evaluation.report, ...evaluation.others]),
    },
    {
      title: "Worst weeks of the 90 % intervals as served",
      table: worstWeekTable([evaluation.report, ...evaluation.others]),
    },
    ...(evaluation.report.ablations.length === 0
      ? []
      : [
          {
            title: "Intervals of the same forecasts without rules that make them, coverage in percent",
            table: ablationTable([evaluation.report, ...evaluation.others]),
          },
        ]),
    {
      title: "Coverage of the 90 % intervals as served, by project and horizon",
      table: cellTable([evaluation.report, ...evaluation.others]),
    },
    {
      title: `Forecasts of whole protocols as served, in ${unit}`,
      table: protocolTable([evaluation.report, ...evaluation.others]),
    },
    { title: "Reliability of the confidence as served", table: reliabilityTable(report.reliability) },
    { title: `Promotion decisions, errors in ${unit}`, table: decisionTable(evaluation.report) },
  ];
}
