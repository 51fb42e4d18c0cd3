import { AdaptiveCalibration } from "../calibration/adaptive-calibration.ts";
import type { CalibrationRules } from "../calibration/calibration-rules.ts";
import { servedRules } from "../calibration/calibration-rules.ts";
import type { ForecastHistory, RowForecasts } from "../calibration/forecast-history.ts";
import { historyFrom, marketHistory, protocolHistory, protocolsOf } from "../calibration/forecast-history.ts";
import { modelPrior } from "../experts/experts.ts";
import { ProtocolCombination } from "../experts/protocol-combination.ts";
import type { BaselineName } from "../forecast/baselines.ts";
import type { Distribution } from "../forecast/forecast-space.ts";
import { baselineCentres, rowScales, unlearnedSince } from "../forecast/point-forecast.ts";
import type { ProtocolRows } from "../forecast/protocol-rows.ts";
import { protocolRows } from "../forecast/protocol-rows.ts";
import { at } from "../numbers.ts";
import { rowsBetween } from "../panel/sample-table.ts";
import type { Candidate } from "../training/train-candidate.ts";
import { forecastsUntil, withPrior } from "../training/train-candidate.ts";
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

/** A candidate that takes over on the day until which it has learned, with the errors that it has made in its test, and what it forecasts of the days that wait for their outcomes. */
export function incumbent(data: WalkForwardData, candidate: Candidate): Incumbent {
  const { space, asOfDay, protocols } = candidate;
  const waiting = forecastsUntil(data, candidate, asOfDay - 1);
  const protocolCalibration = new AdaptiveCalibration(space, data.horizonDays);
  protocolCalibration.replay(protocols, unlearnedSince(asOfDay, data.horizonDays) - 1);
  protocolCalibration.replay(combineProtocols(data, candidate, waiting, asOfDay).history, asOfDay);
  return { candidate, calibration: calibratedBy(data, candidate, waiting), protocolCalibration };
}

/** What a candidate knows on its day of the errors of its forecasts of markets. */
export function calibratedBy(
  { panel, table, horizonDays }: WalkForwardData,
  { space, asOfDay, markets }: Candidate,
  waiting: RowForecasts | undefined,
  rules: CalibrationRules = servedRules,
): AdaptiveCalibration {
  const calibration = new AdaptiveCalibration(space, horizonDays, rules);
  calibration.replay(markets, unlearnedSince(asOfDay, horizonDays) - 1);
  if (waiting !== undefined) calibration.replay(marketHistory(panel, table, waiting), asOfDay);
  calibration.advanceTo(asOfDay);
  return calibration;
}

/** Forecasts the markets of some days, and returns all that the candidate forecasts until then. */
export function forecastSpan(
  data: WalkForwardData,
  { candidate, calibration }: Incumbent,
  span: Period,
  issued: IssuedByRow,
): RowForecasts {
  // Of earlier days, too, because its weights learn from everything whose outcome was not known when it was trained.
  const since = forecastsUntil(data, candidate, span.lastDay);
  issueSpan(data, calibration, since, { span, issued });
  return since;
}

/** Makes the intervals of the forecasts of some days. */
export function issueSpan(
  data: WalkForwardData,
  calibration: AdaptiveCalibration,
  since: RowForecasts,
  { span, issued }: { span: Period; issued: IssuedByRow },
): void {
  const { table } = data;
  const isOfSpan = (_value: number, position: number) =>
    at(table.day, at(since.rows, position)) >= span.firstDay;
  const forecasts = {
    rows: since.rows.filter(isOfSpan),
    centres: since.centres.filter(isOfSpan),
    scales: since.scales.filter(isOfSpan),
  };
  issue(data, calibration, forecasts, { lastDay: span.lastDay, issued });
}

/** Forecasts the protocols of some days, from what the candidate forecasts of their markets. */
export function forecastProtocols(
  data: WalkForwardData,
  { candidate, protocolCalibration }: Incumbent,
  since: RowForecasts,
  options: { span: Period; issued: IssuedProtocolForecast[] },
): void {
  const { firstDay, lastDay } = options.span;
  const names = protocolsOf(data.panel);
  const { rows, history } = combineProtocols(data, candidate, since, lastDay);
  const own = historyFrom(history, firstDay);
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

/** What the candidate forecasts of protocols, and those of it whose outcome and scale are known. */
function combineProtocols(
  data: WalkForwardData,
  { space, asOfDay, learnedOfProtocols }: Candidate,
  since: RowForecasts,
  lastDay: number,
): { rows: ProtocolRows; history: ForecastHistory } {
  const rows = protocolRows(data, space, since, protocolsOf(data.panel));
  const combination = new ProtocolCombination(data.horizonDays, learnedOfProtocols);
  const learnFromDay = unlearnedSince(asOfDay, data.horizonDays);
  const values = combination.replay(rows, { lastDay, learnFromDay });
  return { rows, history: protocolHistory(rows, space, { values, isKept: () => true }) };
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
