import { Area, LinePath } from "@visx/shape";
import { type KeyboardEvent, type PointerEvent, useMemo, useState } from "react";
import { day } from "../format/figures.ts";
import { texts } from "../texts/index.ts";
import { type ChartScales, chartHeight, chartScales, margin, timesOf } from "./chart-scales.ts";
import { Legend } from "./legend.tsx";
import type { ChartData, Series } from "./types.ts";
import { useWidth } from "./use-width.ts";

interface ChartProps {
  readonly data: ChartData;
  readonly label: string;
  readonly isSimulated: boolean;
}

/** Lines over days, with the bands and bars between which something was expected. Values are read with the pointer or the arrow keys. */
export function Chart({ data, label, isSimulated }: ChartProps) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const scales = useMemo(() => chartScales(data, width), [data, width]);
  const times = useMemo(() => timesOf(data), [data]);
  const [index, setIndex] = useState<number>();
  const read = index === undefined ? undefined : times[index];

  const point = (event: PointerEvent<SVGSVGElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setIndex(nearest(times, scales.x.invert(x)));
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -times.length, End: times.length }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const from = index ?? (step > 0 ? -1 : times.length);
    setIndex(Math.min(Math.max(from + step, 0), times.length - 1));
  };
  return (
    <div ref={frame}>
      <Legend data={data} at={read} />
      <svg
        className="chart"
        role="img"
        aria-label={`${label}. ${texts.market.chartHelp}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: values are read with the arrow keys.
        tabIndex={0}
        width={width}
        height={chartHeight}
        onPointerMove={point}
        onPointerLeave={() => setIndex(undefined)}
        onKeyDown={press}
        onBlur={() => setIndex(undefined)}
      >
        {width === 0 ? null : (
          <>
            {isSimulated ? (
              <text
                className="watermark"
                x={(width + margin.left) / 2}
                y={chartHeight / 2}
                textAnchor="middle"
              >
                {texts.shell.simulated.toUpperCase()}
              </text>
            ) : null}
            <Axes scales={scales} width={width} format={data.format} />
            <Marks data={data} scales={scales} />
            {read === undefined ? null : <Reading data={data} scales={scales} at={read} />}
          </>
        )}
      </svg>
    </div>
  );
}

function nearest(times: readonly Date[], wanted: Date): number | undefined {
  const distances = times.map((time) => Math.abs(time.getTime() - wanted.getTime()));
  return distances.length === 0 ? undefined : distances.indexOf(Math.min(...distances));
}

interface AxesProps {
  readonly scales: ChartScales;
  readonly width: number;
  readonly format: (value: number) => string;
}

function Axes({ scales: { x, y }, width, format }: AxesProps) {
  const values = y.ticks(5);
  // Decimals that all labels could do without.
  const isWhole = values.every((value) => /\.0+(?=\D|$)/.test(format(value)));
  const label = (value: number) => (isWhole ? format(value).replace(/\.0+(?=\D|$)/, "") : format(value));
  return (
    <g>
      {values.map((value) => (
        <g key={value}>
          <line className="gridline" x1={margin.left} x2={width - margin.right} y1={y(value)} y2={y(value)} />
          <text x={margin.left - 8} y={y(value)} dy="0.32em" textAnchor="end">
            {label(value)}
          </text>
        </g>
      ))}
      {x.ticks(Math.max(2, Math.floor(width / 110))).map((time) => (
        <text key={time.getTime()} x={x(time)} y={chartHeight - 6} textAnchor="middle">
          {day(time)}
        </text>
      ))}
    </g>
  );
}

interface MarksProps {
  readonly data: ChartData;
  readonly scales: ChartScales;
}

function Marks({ data: { series, bands = [], bars = [] }, scales: { x, y } }: MarksProps) {
  return (
    <g>
      {bands.map(({ name, points }) => (
        <Area
          key={name}
          className="area"
          fillOpacity={0.17}
          data={[...points]}
          x={({ time }) => x(time)}
          y0={({ lower }) => y(lower)}
          y1={({ upper }) => y(upper)}
        />
      ))}
      {bars.map(({ time, lower, upper, isHit }) => (
        <line
          key={time.getTime()}
          className="bar"
          data-hit={isHit ?? true}
          x1={x(time)}
          x2={x(time)}
          y1={y(lower)}
          y2={y(upper)}
        />
      ))}
      {series
        // A line of one point is none.
        .flatMap(({ colour, points }) =>
          points.length === 1 ? points.map((only) => ({ colour, ...only })) : [],
        )
        .map(({ colour, time, value }) => (
          <circle key={colour} className="dot" data-series={colour} cx={x(time)} cy={y(value)} r="4" />
        ))}
      {series.map(({ name, colour, points, isDashed = false }) => (
        <LinePath
          key={name}
          className="line"
          data-series={colour}
          data-dashed={isDashed}
          data={[...points]}
          x={({ time }) => x(time)}
          y={({ value }) => y(value)}
        />
      ))}
    </g>
  );
}

/** The line at the moment that is read, with a dot on each series. */
function Reading({ data: { series }, scales: { x, y }, at }: MarksProps & { readonly at: Date }) {
  return (
    <g>
      <line className="cross" x1={x(at)} x2={x(at)} y1={margin.top} y2={chartHeight - margin.bottom} />
      {series.map((line) => {
        const value = valueAt(line, at);
        return value === undefined ? null : (
          <circle key={line.name} className="dot" data-series={line.colour} cx={x(at)} cy={y(value)} r="4" />
        );
      })}
    </g>
  );
}

function valueAt({ points }: Series, at: Date): number | undefined {
  return points.find(({ time }) => time.getTime() === at.getTime())?.value;
}
