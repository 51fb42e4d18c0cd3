import { day } from "../format/figures.ts";
import type { ChartData } from "./types.ts";

interface LegendProps {
  readonly data: ChartData;
  /** The moment whose values are shown; undefined for none. */
  readonly at: Date | undefined;
}

/** Names the lines and bands, with their values at the moment that is read. */
export function Legend({ data: { series, bands = [], bars = [], format }, at }: LegendProps) {
  const isAt = ({ time }: { readonly time: Date }) => time.getTime() === at?.getTime();
  return (
    <div className="legend" aria-live="polite">
      {at === undefined ? null : <b>{day(at)}</b>}
      {series.map(({ name, colour, points }) => {
        const value = points.find(isAt)?.value;
        return (
          <span key={name}>
            <i data-series={colour} aria-hidden="true" />
            {name} {value === undefined ? null : <b>{format(value)}</b>}
          </span>
        );
      })}
      {bands.map(({ name, points }, index) => (
        <span key={name}>
          <i data-band={index} aria-hidden="true" />
          {name} <Range span={points.find(isAt)} format={format} />
        </span>
      ))}
      <Range span={bars.find(isAt)} format={format} />
    </div>
  );
}

interface RangeProps {
  readonly span: { readonly lower: number; readonly upper: number } | undefined;
  readonly format: (value: number) => string;
}

function Range({ span, format }: RangeProps) {
  if (span === undefined || span.lower === span.upper) return null;
  return (
    <b>
      {format(span.lower)} – {format(span.upper)}
    </b>
  );
}
