/** One line of a benchmark's table. Texts carry their units. */
export interface BenchmarkRow {
  /** What was done, on how much data. */
  readonly work: string;
  /** What it took. */
  readonly measured: string;
  /** What it may take; "none" when the line is there for comparison only. */
  readonly bar: string;
  /** Whether the bar holds; true when there is none. */
  readonly met: boolean;
  /** What another library takes for the same; "" when there is nothing to compare with. */
  readonly peer: string;
}

/** What whoever measures may choose. A benchmark that has no use for it measures as always. */
export interface BenchmarkChoice {
  /** Measure less, to see that it works: no figure of such a run is kept. */
  readonly isQuick: boolean;
  /** Only what has one of these names, or a part of one; everything when empty. */
  readonly only: readonly string[];
  /** Take profiles of our server, and write them into this folder. */
  readonly profileFolder: string | undefined;
}

/** A benchmark of one package. It lives in that package's `bench` folder and is listed in `scripts/bench.ts`. */
export interface Benchmark {
  /** Names its section of docs/benchmarks.md, too. */
  readonly name: string;
  readonly title: string;
  /** Markdown: how it is measured, so that a reader knows what the figures mean. */
  readonly description: string;
  /** Measures. `report` gets a line of text now and then, for whoever waits. */
  run(report: (line: string) => void, choice: BenchmarkChoice): Promise<readonly BenchmarkRow[]>;
}

/** The middle value, the upper of two; NaN of none. */
export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}
