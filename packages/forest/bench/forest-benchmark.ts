import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { RandomForestRegression } from "ml-random-forest";
import { type Benchmark, type BenchmarkRow, median } from "../../../scripts/bench/benchmark.ts";
import timings from "../reference/scikit-learn-timings.json" with { type: "json" };
import type { ForestModel, TrainingData } from "../src/index.ts";
import {
  fitGradientBoosting,
  fitRandomForest,
  predictBatch,
  predictRow,
  serializeModel,
} from "../src/index.ts";
import { fitGradientBoostingInWorker } from "../src/worker/fit-in-worker.ts";
import { friedmanData } from "../test/sample-data.ts";

const theirs = timings.median_seconds_of_5;
const options = { seed: 1, treeCount: 100 };
const forestOptions = { ...options, maxDepth: 10, featureFraction: 1 };
const boostingOptions = { ...options, maxDepth: 5 };
const runCount = 5;

/** The bars are those of the project's issue about the models, for two quiet cores. */
export const forestBenchmark: Benchmark = {
  name: "forest",
  title: "Random forest and gradient boosting",
  description: `\`packages/forest\`, one thread. Every ensemble has 100 trees; the data is Friedman #1. Times are wall-clock, the
median of ${runCount} runs after a second of runs that are not counted, at least two: the engine compiles meanwhile, and the very
first run of a process takes up to twice as long. Memory is the growth of the heap over 600,000 calls without a garbage collection, the median of 3: some
0.2 MB that the engine takes for itself, however many the calls. A call that allocated anything would show as at least
8 bytes.

\`ml-random-forest\` is measured in the same process on the same data, where it is small: its time grows with the square of
the rows. The figures of scikit-learn ${timings.versions.scikit_learn} are those of \`packages/forest/reference/scikit-learn-timings.json\`, written
on an AMD EPYC with two cores by the script beside it. Its histogram boosting uses both cores, its other boosting one. Its
time for one row is mostly that of the call from Python.`,
  async run(report) {
    const small = friedmanData(2000, 1);
    const medium = friedmanData(10_000, 1);
    const large = friedmanData(100_000, 1, 16);
    const rows: BenchmarkRow[] = [];
    const add = (row: BenchmarkRow) => {
      rows.push(row);
      report(`${row.work}: ${row.measured}`);
    };
    add(measureForest(medium));
    add(measureForestBesidePeer(small));
    add(measureBoosting(medium));
    add(measureLargeBoosting(large));
    const forest = fitRandomForest(medium, forestOptions);
    const boosting = fitGradientBoosting(medium, boostingOptions);
    for (const row of measureRows("random forest", forest, medium, 8, theirs.random_forest_predict_row))
      add(row);
    for (const row of measureRows(
      "gradient boosting",
      boosting,
      medium,
      4,
      theirs.hist_gradient_boosting_predict_row,
    ))
      add(row);
    add(measureBatch(boosting));
    add(measureSize(forest));
    add(await measureEventLoop(large));
    return rows;
  },
};

function measureForest(data: TrainingData): BenchmarkRow {
  const seconds = medianSeconds(() => fitRandomForest(data, forestOptions));
  return {
    ...secondsRow("fit a random forest, depth 10, 10,000 × 5, all features per split", seconds, 0.25),
    peer: `scikit-learn ${formatSeconds(theirs.random_forest_fit_10000x5_all_cores)} on both cores, ${formatSeconds(theirs.random_forest_fit_10000x5_one_core)} on one`,
  };
}

function measureForestBesidePeer(data: TrainingData): BenchmarkRow {
  const { values, rowCount, columnCount } = data.features;
  const matrix = Array.from({ length: rowCount }, (_, row) => [
    ...values.subarray(row * columnCount, (row + 1) * columnCount),
  ]);
  const target = [...data.target];
  const seconds = medianSeconds(() => fitRandomForest(data, forestOptions));
  // One run: it takes long, and how often it is run makes no difference of that size.
  const peerSeconds = secondsOf(() => {
    new RandomForestRegression({
      seed: 1,
      nEstimators: options.treeCount,
      maxFeatures: 1.0,
      replacement: false,
      noOOB: true,
      treeOptions: { maxDepth: forestOptions.maxDepth, minNumSamples: 1 },
    }).train(matrix, target);
  });
  return {
    work: "fit a random forest, depth 10, 2,000 × 5",
    measured: formatSeconds(seconds),
    bar: "none",
    met: true,
    peer: `ml-random-forest ${formatSeconds(peerSeconds)} (one run)`,
  };
}

function measureBoosting(data: TrainingData): BenchmarkRow {
  const seconds = medianSeconds(() => fitGradientBoosting(data, boostingOptions));
  return {
    ...secondsRow("fit gradient boosting, depth 5, 10,000 × 5", seconds, 0.06),
    peer: `scikit-learn ${formatSeconds(theirs.gradient_boosting_fit_10000x5)}, its histogram variant ${formatSeconds(theirs.hist_gradient_boosting_fit_10000x5)}`,
  };
}

function measureLargeBoosting(data: TrainingData): BenchmarkRow {
  const seconds = medianSeconds(() => fitGradientBoosting(data, boostingOptions));
  return {
    ...secondsRow("fit gradient boosting, depth 5, 100,000 × 16", seconds, 2),
    peer: `scikit-learn's histogram variant ${formatSeconds(theirs.hist_gradient_boosting_fit_100000x16)}`,
  };
}

function measureRows(
  name: string,
  model: ForestModel,
  { features }: TrainingData,
  barMicroseconds: number,
  peerSeconds: number,
): BenchmarkRow[] {
  const { values, columnCount, rowCount } = features;
  const row = new Float64Array(columnCount);
  const callCount = 200_000;
  // Different rows every time, or the processor would learn the branches of the one by heart.
  const predictMany = () => {
    for (let call = 0; call < callCount; call++) {
      const start = (call % rowCount) * columnCount;
      for (let column = 0; column < columnCount; column++) row[column] = values[start + column] ?? 0;
      predictRow(model, row);
    }
  };
  const microseconds = (medianSeconds(predictMany) / callCount) * 1e6;
  const bytes = allocatedBytes(() => {
    for (let repeat = 0; repeat < 3; repeat++) predictMany();
  });
  const bytesPerCall = bytes / (3 * callCount);
  return [
    {
      work: `predict one row, ${name}`,
      measured: `${microseconds.toFixed(2)} µs`,
      bar: `≤ ${barMicroseconds} µs`,
      met: microseconds <= barMicroseconds,
      peer: `scikit-learn ${(peerSeconds * 1e6).toFixed(0)} µs`,
    },
    {
      work: `memory allocated to predict one row, ${name}`,
      measured: `${bytesPerCall.toFixed(2)} bytes`,
      bar: "none (< 1 byte)",
      met: bytesPerCall < 1,
      peer: "",
    },
  ];
}

function measureBatch(model: ForestModel): BenchmarkRow {
  const { features } = friedmanData(100_000, 2);
  const output = new Float64Array(features.rowCount);
  const seconds = medianSeconds(() => predictBatch(model, features, output));
  const millions = (rate: number) => `${(rate / 1e6).toFixed(2)} M rows/s`;
  const rate = features.rowCount / seconds;
  return {
    work: "predict 100,000 rows, gradient boosting",
    measured: millions(rate),
    bar: "≥ 2 M rows/s",
    met: rate >= 2e6,
    peer: `scikit-learn ${millions(features.rowCount / theirs.hist_gradient_boosting_predict_100000x5)}`,
  };
}

function measureSize(model: ForestModel): BenchmarkRow {
  const megabytes = serializeModel(model).length / 1e6;
  return {
    work: "size of the random forest above as a file",
    measured: `${megabytes.toFixed(2)} MB`,
    bar: "≤ 2 MB",
    met: megabytes <= 2,
    peer: "",
  };
}

/** How late timers are in this thread while another one fits. */
async function measureEventLoop(data: TrainingData): Promise<BenchmarkRow> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (let run = 0; run < 3; run++) await fitGradientBoostingInWorker(data, boostingOptions);
  delay.disable();
  const milliseconds = delay.percentile(99) / 1e6;
  return {
    work: "event loop delay, 99th percentile, while a worker fits 100,000 × 16",
    measured: `${milliseconds.toFixed(1)} ms (longest ${(delay.max / 1e6).toFixed(1)} ms)`,
    bar: "< 20 ms",
    met: milliseconds < 20,
    peer: "",
  };
}

function secondsRow(work: string, seconds: number, bar: number): Omit<BenchmarkRow, "peer"> {
  return { work, measured: formatSeconds(seconds), bar: `≤ ${bar} s`, met: seconds <= bar };
}

function medianSeconds(work: () => void): number {
  let warmedSeconds = 0;
  for (let run = 0; run < 2 || warmedSeconds < 1; run++) warmedSeconds += secondsOf(work);
  return median(Array.from({ length: runCount }, () => secondsOf(work)));
}

function secondsOf(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

/** How much the heap grows; what little the calls may allocate is not collected that soon. The median of several runs. */
function allocatedBytes(work: () => void): number {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const growths = Array.from({ length: 3 }, () => {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    work();
    return process.memoryUsage().heapUsed - before;
  });
  return median(growths);
}

function formatSeconds(seconds: number): string {
  return `${seconds.toFixed(3)} s`;
}
