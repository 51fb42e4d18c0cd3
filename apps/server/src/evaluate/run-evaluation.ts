import { basename } from "node:path";
import type { ImportReport } from "@obsqra/market";
import type { AdviceEvaluation, EvaluationReport, IlliquidityReport, PeerForecast } from "@obsqra/ml";
import { type MarketSeries, MlError, truncateSeries } from "@obsqra/ml";
import { type EvaluationControl, evaluateInWorker } from "./evaluate-in-worker.ts";
import { loadEvaluationData } from "./load-evaluation-data.ts";
import type { ApyColumn, EvaluateCommand } from "./parse-evaluate-command.ts";
import type { ProgressLine } from "./progress-line.ts";
import { readPeerForecasts } from "./read-peer-forecasts.ts";

/** What an evaluation found, and what of. */
export type Evaluation = EvaluatedFile & (ForecastResult | IlliquidityResult);

interface EvaluatedFile {
  readonly file: { readonly name: string; readonly sha256: string; readonly rows: ImportReport };
  readonly column: ApyColumn;
  /** Length of the test period. */
  readonly days: number;
  /** The last day that was read, UTC days since the epoch; undefined: all were. */
  readonly until: number | undefined;
}

interface ForecastResult {
  readonly target: "yield" | "risk";
  /** Percent a year. */
  readonly cap: number;
  /** Of the horizon that was asked for. */
  readonly report: EvaluationReport;
  /** Of the further horizons. */
  readonly others: readonly EvaluationReport[];
}

interface IlliquidityResult {
  readonly target: "illiquidity";
  readonly report: IlliquidityReport;
}

/** What an evaluation needs besides its command. */
export interface EvaluationContext {
  /** Length of the test period. */
  readonly days: number;
  readonly clock: () => Date;
  readonly signal: AbortSignal;
  readonly progress: ProgressLine;
}

/** The server's, so that both train the same models. */
const trainingSeed = 1;

/** What reading the file counts for in the progress shown. */
const readingShare = 0.02;

/**
 * Reads the file and evaluates, in threads of their own, the forecasts at every horizon. A further horizon for which the
 * history is too short is left out, and the progress says so.
 *
 * @throws MarketSourceError, MlError; the signal's reason when it aborts
 */
export async function runEvaluation(
  command: EvaluateCommand,
  { days, clock, signal, progress }: EvaluationContext,
): Promise<Evaluation> {
  const { target, column } = command;
  const data = await loadEvaluationData(command.data, {
    target,
    column,
    clock,
    signal,
    onProgress: ({ step, done, total }) =>
      progress.update(step === "reading" && total ? (readingShare * done) / total : readingShare, "reading"),
  });
  for (const line of data.lines) progress.line(line);

  const evaluated: EvaluatedFile = {
    file: { name: basename(command.data), sha256: data.sha256, rows: data.report },
    column: data.column,
    days,
    until: command.until,
  };
  const panel = readUntil(data.panel, command.until);
  const control: EvaluationControl = {
    signal,
    onProgress: (fraction, step) => progress.update(readingShare + (1 - readingShare) * fraction, step),
  };
  if (target === "illiquidity") {
    const options = { backtestDays: days, seed: trainingSeed };
    const report = await evaluateInWorker(panel, { kind: "illiquidity", options }, control);
    return { ...evaluated, target, report };
  }
  const { cap, scriptPeer } = command;
  const peer =
    scriptPeer === undefined ? undefined : await readPeerForecasts(scriptPeer, command.horizons[0]);
  const reports = await evaluateHorizons(panel, { ...command, target, days, peer }, { ...control, progress });
  return { ...evaluated, target, cap, ...reports };
}

/**
 * Reads the file, and follows suggestions on it in a thread of its own.
 *
 * @throws MarketSourceError, MlError; the signal's reason when it aborts
 */
export async function runAdviceEvaluation(
  command: EvaluateCommand,
  { days, clock, signal, progress }: EvaluationContext,
): Promise<{ readonly file: string; readonly report: AdviceEvaluation }> {
  const { column, cap, horizons, every, hold } = command;
  const onProgress = () => progress.update(readingShare, "reading");
  const data = await loadEvaluationData(command.data, { target: "yield", column, clock, signal, onProgress });
  for (const line of data.lines) progress.line(line);
  const options = {
    horizonDays: horizons[0],
    backtestDays: days,
    apyCapPercent: cap,
    seed: trainingSeed,
    facts: data.facts,
    ...(every !== undefined && { everyDays: every }),
    ...(hold !== undefined && { holdDays: hold }),
  };
  const report = await evaluateInWorker(
    readUntil(data.panel, command.until),
    { kind: "advice", options },
    { signal, onProgress: (fraction, step) => progress.update(fraction, step) },
  );
  return { file: basename(command.data), report };
}

function readUntil(panel: readonly MarketSeries[], day: number | undefined): readonly MarketSeries[] {
  if (day === undefined) return panel;
  return panel.map((series) => truncateSeries(series, day)).filter(({ days }) => days.length > 0);
}

async function evaluateHorizons(
  panel: readonly MarketSeries[],
  {
    target,
    horizons,
    cap,
    days,
    ablations,
    peer,
  }: Pick<EvaluateCommand, "horizons" | "cap" | "ablations"> & {
    target: "yield" | "risk";
    days: number;
    /** Of the first horizon. */
    peer: readonly PeerForecast[] | undefined;
  },
  { signal, onProgress, progress }: EvaluationControl & { progress: ProgressLine },
): Promise<Pick<ForecastResult, "report" | "others">> {
  const fractions = horizons.map(() => 0);
  const failed = new AbortController();

  function evaluate(horizonDays: number, index: number): Promise<EvaluationReport> {
    const options = {
      target,
      horizonDays,
      backtestDays: days,
      apyCapPercent: cap,
      seed: trainingSeed,
      ablations,
      ...(index === 0 && peer !== undefined ? { peer } : {}),
    };
    const task = { kind: "forecasts", options } as const;
    return evaluateInWorker(panel, task, {
      signal: AbortSignal.any([signal, failed.signal]),
      onProgress: (fraction, step) => {
        fractions[index] = fraction;
        const done = fractions.reduce((sum, part) => sum + part, 0) / fractions.length;
        onProgress(done, `${horizonDays} days ahead: ${step}`);
      },
    });
  }

  function evaluateIfPossible(horizonDays: number, index: number): Promise<EvaluationReport | undefined> {
    return evaluate(horizonDays, index).catch((error: unknown) => {
      if (!(error instanceof MlError && error.code === "NOT_ENOUGH_HISTORY")) throw error;
      progress.line(`${horizonDays} days ahead is left out: ${error.message}`);
      return undefined;
    });
  }

  try {
    const [horizon, ...further] = horizons;
    const [report, ...others] = await Promise.all([
      evaluate(horizon, 0),
      ...further.map((horizonDays, index) => evaluateIfPossible(horizonDays, index + 1)),
    ]);
    return { report, others: others.filter((other) => other !== undefined) };
  } finally {
    // When one horizon fails, the others are of no use.
    failed.abort();
  }
}
