import { intervalLevels } from "../calibration/interval-levels.ts";
import { at, mean } from "../numbers.ts";
import type { WalkForwardData } from "../training/walk-forward.ts";
import { boundsAt, type IssuedForecasts, issuedAt } from "./evaluation-scores.ts";

/** Markets whose value has moved lately, by their own volatility of the day, and those that were flat. */
type Regime = "moving" | "flat";

/** The intervals as served of markets of a regime. */
export interface RegimeReport {
  regime: Regime;
  horizon: number;
  n: number;
  /** By level. */
  coverage: { level: number; coverage: number }[];
  interval_score_90: number;
}

/** The week in which the 90 % intervals covered least. */
export interface WorstWeekReport {
  markets: "all" | Regime;
  horizon: number;
  /** UTC day since the epoch. */
  first_day: number;
  n: number;
  coverage_90: number;
}

/** Coverage of the 90 % intervals of one project's markets of a regime. */
export interface CellReport {
  project: string;
  regime: Regime;
  horizon: number;
  n: number;
  coverage_90: number;
}

/** Weeks with fewer forecasts say too little about coverage. */
const weekForecastsMin = 100;

/** The intervals as served, moving and flat markets apart. */
export function regimesOf(
  { table, horizonDays }: WalkForwardData,
  rows: Int32Array,
  issued: IssuedForecasts,
): RegimeReport[] {
  const shown = intervalLevels.indexOf(0.9);
  return (["moving", "flat"] as const).flatMap((regime): RegimeReport[] => {
    const own = Array.from(rows).filter((row) => regimeAt(table, row) === regime);
    if (own.length === 0) return [];
    return [
      {
        regime,
        horizon: horizonDays,
        n: own.length,
        coverage: intervalLevels.map((level, index) => ({
          level,
          coverage: mean(own.map((row) => isCovered(issued, table, row, index))),
        })),
        interval_score_90: mean(
          own.map((row) => {
            const { lower, upper } = boundsAt(issuedAt(issued, row), shown);
            const actual = at(table.target, row);
            return upper - lower + 20 * Math.max(0, lower - actual, actual - upper);
          }),
        ),
      },
    ];
  });
}

/** The weeks, counted from the first day, in which the 90 % intervals covered least: of all markets, and of those that moved. */
export function worstWeeksOf(
  { table, horizonDays }: WalkForwardData,
  rows: Int32Array,
  issued: IssuedForecasts,
): WorstWeekReport[] {
  const shown = intervalLevels.indexOf(0.9);
  const first = rows.reduce((least, row) => Math.min(least, at(table.day, row)), Number.POSITIVE_INFINITY);
  return (["all", "moving"] as const).flatMap((markets): WorstWeekReport[] => {
    const own = Array.from(rows).filter((row) => markets === "all" || regimeAt(table, row) === markets);
    const weeks = [...Map.groupBy(own, (row) => Math.floor((at(table.day, row) - first) / 7))]
      .filter(([, members]) => members.length >= weekForecastsMin)
      .map(([week, members]) => ({
        markets,
        horizon: horizonDays,
        first_day: first + 7 * week,
        n: members.length,
        coverage_90: mean(members.map((row) => isCovered(issued, table, row, shown))),
      }))
      .sort((left, right) => left.coverage_90 - right.coverage_90 || left.first_day - right.first_day);
    return weeks.slice(0, 1);
  });
}

function regimeAt(table: WalkForwardData["table"], row: number): Regime {
  return at(table.moving, row) === 1 ? "moving" : "flat";
}

function isCovered(
  issued: IssuedForecasts,
  table: WalkForwardData["table"],
  row: number,
  level: number,
): number {
  const { lower, upper } = boundsAt(issuedAt(issued, row), level);
  const actual = at(table.target, row);
  return actual >= lower && actual <= upper ? 1 : 0;
}

/** Coverage of the 90 % intervals by project, moving and flat markets apart. */
export function cellsOf(data: WalkForwardData, rows: Int32Array, issued: IssuedForecasts): CellReport[] {
  const { table, panel, horizonDays } = data;
  const shown = intervalLevels.indexOf(0.9);
  const keyOf = (row: number) => `${panel[at(table.market, row)]?.protocol ?? ""} ${regimeAt(table, row)}`;
  return [...Map.groupBy(rows, keyOf).values()]
    .map((own): CellReport => {
      const [row = -1] = own;
      return {
        project: panel[at(table.market, row)]?.protocol ?? "",
        regime: regimeAt(table, row),
        horizon: horizonDays,
        n: own.length,
        coverage_90: mean(own.map((each) => isCovered(issued, table, each, shown))),
      };
    })
    .sort((left, right) =>
      left.project === right.project
        ? Number(left.regime === "flat") - Number(right.regime === "flat")
        : left.project < right.project
          ? -1
          : 1,
    );
}
