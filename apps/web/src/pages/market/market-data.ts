import type { Market, PastForecast, RiskForecastItem, RiskPoint, YieldForecastItem } from "@obsqra/client";
import type { ChartData, FanBand, IntervalBar, Point } from "../../charts/types.ts";
import { level as levelText, percent, score, share, usd } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { series: words } = texts.market.page;

type Forecast = Pick<YieldForecastItem | RiskForecastItem, "as_of" | "target_at" | "intervals">;

/** The levels that a fan shows, the widest first so that narrow ones lie on it. */
const fanLevels = [0.95, 0.8, 0.5];

/** What is known of a market over the days, the oldest first. */
export function historyOf(points: readonly RiskPoint[], read: (point: RiskPoint) => number | null): Point[] {
  return points
    .flatMap((point) => {
      const value = read(point);
      return value === null ? [] : [{ time: new Date(point.as_of), value }];
    })
    .toSorted((left, right) => left.time.getTime() - right.time.getTime());
}

/** A history that goes on into its forecast, as a fan. */
export function withForecast(
  history: readonly Point[],
  forecast: (Forecast & { readonly value: number }) | undefined,
  format: (value: number) => string,
): ChartData {
  const observed = { name: words.observed, colour: 1, points: history } as const;
  const last = history.at(-1);
  if (forecast === undefined || last === undefined) return { series: [observed], format };
  const target = new Date(forecast.target_at);
  const expected = {
    name: words.forecast,
    colour: 2,
    isDashed: true,
    points: [last, { time: target, value: forecast.value }],
  } as const;
  const bands: FanBand[] = fanLevels.flatMap((level) => {
    const interval = forecast.intervals.find((each) => each.level === level);
    if (interval === undefined) return [];
    const start = { time: last.time, lower: last.value, upper: last.value };
    const end = { time: target, lower: interval.lower, upper: interval.upper };
    return [{ name: words.band(levelText(level)), points: [start, end] }];
  });
  return { series: [observed, expected], bands, format };
}

/** Forecasts that were made of a market, at the day they spoke about, with what came true. */
export function pastForecasts(items: readonly PastForecast[], format: (value: number) => string): ChartData {
  const oldestFirst = items.toSorted((left, right) => left.target_at.localeCompare(right.target_at));
  const toPoints = (read: (item: PastForecast) => number | null | undefined): Point[] =>
    oldestFirst.flatMap((item) => {
      const value = read(item);
      return value == null ? [] : [{ time: new Date(item.target_at), value }];
    });
  const bars = oldestFirst.map(
    ({ target_at, lower, upper, outcome }): IntervalBar => ({
      time: new Date(target_at),
      lower,
      upper,
      isHit: outcome === null ? undefined : outcome.value >= lower && outcome.value <= upper,
    }),
  );
  return {
    series: [
      { name: words.forecast, colour: 2, isDashed: true, points: toPoints(({ value }) => value) },
      { name: words.outcome, colour: 1, points: toPoints(({ outcome }) => outcome?.value) },
    ],
    bars,
    format,
  };
}

/** A plain history as a chart. */
export function plain(
  history: readonly Point[],
  format: (value: number) => string,
  hasZero = false,
): ChartData {
  return { series: [{ name: words.observed, colour: 1, points: history }], format, hasZero };
}

/** How the charts of a market write their values. */
export const formats = {
  apy: percent,
  risk: score,
  tvl: usd,
  utilization: share,
} as const satisfies Record<string, (value: number) => string>;

/** Of whom a forecast is: the list has all markets of a protocol. */
export function findForecast<TItem extends { readonly market_id: string | null }>(
  items: readonly TItem[] | undefined,
  market: Pick<Market, "market_id">,
): TItem | undefined {
  return items?.find(({ market_id }) => market_id === market.market_id);
}
