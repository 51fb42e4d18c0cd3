/** A value on a day. */
export interface Point {
  readonly time: Date;
  readonly value: number;
}

/** A line of a chart, which the legend names. */
export interface Series {
  readonly name: string;
  readonly colour: 1 | 2 | 3;
  readonly points: readonly Point[];
  readonly isDashed?: boolean;
}

/** Between which values something is expected at a time. */
interface BandPoint {
  readonly time: Date;
  readonly lower: number;
  readonly upper: number;
}

/** A fan's part: narrow ones are darker, by lying on wider ones. */
export interface FanBand {
  readonly name: string;
  readonly points: readonly BandPoint[];
}

/** A forecast of one day as a bar, and whether the outcome was in it. */
export interface IntervalBar extends BandPoint {
  readonly isHit: boolean | undefined;
}

export interface ChartData {
  readonly series: readonly Series[];
  readonly bands?: readonly FanBand[];
  readonly bars?: readonly IntervalBar[];
  /** Whether the scale begins with zero. */
  readonly hasZero?: boolean;
  readonly format: (value: number) => string;
}
