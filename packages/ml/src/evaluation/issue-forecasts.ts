import { AdaptiveCalibration } from "../calibration/adaptive-calibration.ts";
import type { RowForecasts } from "../calibration/forecast-history.ts";
import { marketHistory, protocolHistory, protocolsOf } from "../calibration/forecast-history.ts";
import { modelPrior } from "../experts/experts.ts";
import type { BaselineName } from "../forecast/baselines.ts";
import type { Distribution } from "../forecast/forecast-space.ts";
import { inverse } from "../forecast/forecast-space.ts";
import { baselineCentres, rowScales } from "../forecast/point-forecast.ts";
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

/** Forecasts the markets of some days, and returns the points behind the issued forecasts. */
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
  return forecasts;
}

/** Forecasts the protocols, from their markets of the day. */
export function forecastProtocols(
  { table, panel }: WalkForwardData,
  { candidate, protocolCalibration }: Incumbent,
  forecasts: RowForecasts,
  options: { span: Period; issued: IssuedProtocolForecast[] },
): void {
  const { space } = candidate;
  const historyOf = (points: RowForecasts) =>
    protocolHistory(table, space, { history: marketHistory(panel, table, points), forecasts: points });
  const own = historyOf(forecasts);
  const lastValues = historyOf({
    ...forecasts,
    centres: baselineCentres(table, forecasts.rows, { space, name: "last_value" }),
  });
  const names = protocolsOf(panel);
  protocolCalibration.replay(own, options.span.lastDay, (index, forecast) => {
    options.issued.push({
      protocol: names[at(own.protocols, index)] ?? "",
      forecast,
      lastValue: inverse(space, at(lastValues.centres, index)),
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
