import { writeFile } from "node:fs/promises";
import { MarketSourceError } from "@obsqra/market";
import { MlError } from "@obsqra/ml";
import { loadEnvironment } from "../env.ts";
import { readEvaluationDocument, withEvaluation } from "../evaluate/evaluation-document.ts";
import { toEvaluationJson } from "../evaluate/evaluation-json.ts";
import { formatEvaluation } from "../evaluate/evaluation-text.ts";
import {
  type EvaluateCommand,
  evaluateUsage,
  parseEvaluateCommand,
} from "../evaluate/parse-evaluate-command.ts";
import { createProgressLine } from "../evaluate/progress-line.ts";
import { runEvaluation } from "../evaluate/run-evaluation.ts";
import { explainStartError } from "../explain-start-error.ts";
import { stopOnSignal } from "../stop-on-signal.ts";
import { UsageError } from "./usage-error.ts";

/** What shells expect of a program that Ctrl-C has ended. */
const interruptedCode = 130;

const stop = stopOnSignal(2_000, () => process.exit(interruptedCode));
const progress = createProgressLine(process.stderr);

process.exitCode = await run(process.argv.slice(2));

async function run(parameters: readonly string[]): Promise<number> {
  try {
    const command = parseEvaluateCommand(parameters);
    if (command === "help") process.stdout.write(evaluateUsage);
    else await evaluate(command);
    return 0;
  } catch (error) {
    progress.end();
    if (stop.signal.aborted) {
      process.stderr.write("Stopped.\n");
      return interruptedCode;
    }
    const isMisused = error instanceof UsageError;
    process.stderr.write(isMisused ? `${error.message}\n\n${evaluateUsage}` : `${explain(error)}\n`);
    return isMisused ? 2 : 1;
  }
}

async function evaluate(command: EvaluateCommand): Promise<void> {
  const { document: path, output } = command;
  // Before the long work, so that a path that leads nowhere is known at once.
  const document = path === undefined ? undefined : await readEvaluationDocument(path);
  const evaluation = await runEvaluation(command, {
    days: command.days ?? loadEnvironment().BACKTEST_WINDOW_DAYS,
    clock: () => new Date(),
    signal: stop.signal,
    progress,
  });
  progress.end();
  const text =
    output === "json" ? JSON.stringify(toEvaluationJson(evaluation)) : formatEvaluation(evaluation, output);
  process.stdout.write(`${text}\n`);
  if (path !== undefined) await writeFile(path, withEvaluation(document, evaluation));
}

function explain(error: unknown): string {
  if (error instanceof MlError || error instanceof MarketSourceError) return error.message;
  return explainStartError(error, "The evaluation failed.");
}
