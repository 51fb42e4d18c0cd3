import { scaleLinear, scaleUtc } from "@visx/scale";
import type { ChartData } from "./types.ts";

export const chartHeight = 220;
export const margin = { top: 12, right: 12, bottom: 24, left: 60 };

/** Where times and values are, for a chart that is so wide. */
export function chartScales({ series, bands = [], bars = [], hasZero = false }: ChartData, width: number) {
  const spans = [...bands.flatMap(({ points }) => points), ...bars];
  const points = series.flatMap((line) => line.points);
  const times = [...points, ...spans].map(({ time }) => time.getTime());
  const values = [
    ...points.map(({ value }) => value),
    ...spans.flatMap(({ lower, upper }) => [lower, upper]),
    ...(hasZero ? [0] : []),
  ];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // A flat line stays in the middle.
  const space = high === low ? Math.max(Math.abs(high) * 0.1, 0.5) : 0.06 * (high - low);
  return {
    x: scaleUtc({
      domain: [new Date(Math.min(...times)), new Date(Math.max(...times))],
      range: [margin.left, Math.max(width - margin.right, margin.left + 1)],
    }),
    y: scaleLinear({
      domain: [hasZero && low >= 0 ? 0 : low - space, high + space],
      range: [chartHeight - margin.bottom, margin.top],
      nice: 5,
    }),
  };
}

export type ChartScales = ReturnType<typeof chartScales>;

/** Every moment that has something, in order, once. */
export function timesOf({ series, bars = [] }: ChartData): Date[] {
  const times = [...series.flatMap(({ points }) => points), ...bars].map(({ time }) => time.getTime());
  return [...new Set(times)].toSorted((left, right) => left - right).map((time) => new Date(time));
}
