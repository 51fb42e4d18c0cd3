import { AdaptiveCalibration } from "../calibration/adaptive-calibration.ts";
import type { RowForecasts } from "../calibration/forecast-history.ts";
import { marketHistory, protocolHistory, protocolsOf } from "../calibration/forecast-history.ts";
import { modelPrior } from "../experts/experts.ts";
import { ProtocolCombination } from "../experts/protocol-combination.ts";
import type { BaselineName } from "../forecast/baselines.ts";
import type { Distribution } from "../forecast/forecast-space.ts";
import { baselineCentres, rowScales } from "../forecast/point-forecast.ts";
import { protocolRows } from "../forecast/protocol-rows.ts";
import { at } from "../numbers.ts";
import { rowsBetween } from "../panel/sample-table.ts";
import type { Candidate } from "../training/train-candidate.ts";
import { candidateForecasts, withPrior } from "../training/train-candidate.ts";
import type { WalkForwardData } from "../training/walk-forward.ts";
import type { IssuedProtocolForecast } from "./evaluation-scores.ts";

/** Baselines start to calibrate their intervals this long before the test. */
const warmUpDays = 60;

/** The forecasts that were issued, by row of the table. */
export type IssuedByRow = Map<number, Distribution>;

/** Days, both inclusive. */
export interface Period {
  firstDay: number;
  lastDay: number;
}

/** A candidate that serves, with what it knows about its own errors. */
export interface Incumbent {
  candidate: Candidate;
  calibration: AdaptiveCalibration;
  protocolCalibration: AdaptiveCalibration;
}

/** The candidate as if its model served alone, wherever there is one. */
export function asModel(data: WalkForwardData, candidate: Candidate): Candidate {
  if (candidate.fitted === undefined) return candidate;
  return withPrior(data, candidate, modelPrior);
}

/** A candidate that takes over on the day until which it has learned, with the errors that it has made in its test. */
export function incumbent(data: WalkForwardData, candidate: Candidate): Incumbent {
  const calibration = new AdaptiveCalibration(candidate.space, data.horizonDays);
  calibration.replay(candidate.markets, candidate.asOfDay);
  const protocolCalibration = new AdaptiveCalibration(candidate.space, data.horizonDays);
  protocolCalibration.replay(candidate.protocols, candidate.asOfDay);
  return { candidate, calibration, protocolCalibration };
}

/** Forecasts the markets of some days, and returns all that the candidate has forecast by then. */
export function forecastSpan(
  data: WalkForwardData,
  { candidate, calibration }: Incumbent,
  span: Period,
  issued: IssuedByRow,
): RowForecasts {
  const { table } = data;
  // From the candidate's own day on, because its weights learn from everything that it has forecast since.
  const since = candidateForecasts(data, candidate, rowsBetween(table, candidate.asOfDay, span.lastDay));
  const isOfSpan = (_value: number, position: number) =>
    at(table.day, at(since.rows, position)) >= span.firstDay;
  const forecasts = {
    rows: since.rows.filter(isOfSpan),
    centres: since.centres.filter(isOfSpan),
    scales: since.scales.filter(isOfSpan),
  };
  issue(data, calibration, forecasts, { lastDay: span.lastDay, issued });
  return since;
}

/** Forecasts the protocols of some days, from what the candidate has forecast of their markets since it was trained. */
export function forecastProtocols(
  data: WalkForwardData,
  { candidate, protocolCalibration }: Incumbent,
  since: RowForecasts,
  options: { span: Period; issued: IssuedProtocolForecast[] },
): void {
  const { space, asOfDay, learnedOfProtocols } = candidate;
  const { firstDay, lastDay } = options.span;
  const names = protocolsOf(data.panel);
  const rows = protocolRows(data, space, since, names);
  const combination = new ProtocolCombination(data.horizonDays, learnedOfProtocols);
  const values = combination.replay(rows, { lastDay, learnFromDay: asOfDay });
  const own = protocolHistory(rows, space, { values, isKept: (index) => at(rows.days, index) >= firstDay });
  const rowOf = new Map(
    Array.from(rows.days, (day, index) => [`${day}:${at(rows.protocols, index)}`, index]),
  );
  protocolCalibration.replay(own, lastDay, (index, forecast) => {
    const row = rowOf.get(`${at(own.days, index)}:${at(own.protocols, index)}`) ?? -1;
    options.issued.push({
      protocol: names[at(own.protocols, index)] ?? "",
      forecast,
      lastValue: at(rows.lastValues, row),
      outcome: at(own.outcomes, index),
    });
  });
}

/** Issues forecasts day by day and keeps what was said about each row. */
function issue(
  { panel, table }: WalkForwardData,
  calibration: AdaptiveCalibration,
  forecasts: RowForecasts,
  options: { lastDay: number; issued: IssuedByRow },
): void {
  const history = marketHistory(panel, table, forecasts);
  const ordered = Array.from(forecasts.rows).sort(
    (left, right) => at(table.day, left) - at(table.day, right) || left - right,
  );
  calibration.replay(history, options.lastDay, (index, forecast) => {
    options.issued.set(at(ordered, index), forecast);
  });
}

/** A naive forecast with intervals from its own past errors, scaled by the local volatility. */
export function issuedByBaseline(data: WalkForwardData, period: Period, name: BaselineName): IssuedByRow {
  const { table, task, panel, horizonDays } = data;
  const space = task.space(panel, period.lastDay);
  const firstDay = period.firstDay - warmUpDays - horizonDays;
  const rows = rowsBetween(table, firstDay, period.lastDay);
  const issued: IssuedByRow = new Map();
  const centres = baselineCentres(table, rows, { space, name });
  const forecasts = { rows, centres, scales: rowScales(table, undefined, rows) };
  const calibration = new AdaptiveCalibration(space, horizonDays);
  issue(data, calibration, forecasts, { lastDay: period.lastDay, issued });
  return issued;
}
