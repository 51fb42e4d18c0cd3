import { writeFile } from "node:fs/promises";
import { MarketSourceError } from "@obsqra/market";
import { MlError } from "@obsqra/ml";
import { formatAdvice, toAdviceJson } from "../evaluate/advice-text.ts";
import { readEvaluationDocument, withEvaluation } from "../evaluate/evaluation-document.ts";
import { toEvaluationJson } from "../evaluate/evaluation-json.ts";
import { formatEvaluation } from "../evaluate/evaluation-text.ts";
import {
  type EvaluateCommand,
  evaluateUsage,
  parseEvaluateCommand,
} from "../evaluate/parse-evaluate-command.ts";
import { createProgressLine, type ProgressLine } from "../evaluate/progress-line.ts";
import { runAdviceEvaluation, runEvaluation } from "../evaluate/run-evaluation.ts";
import { explainStartError } from "../explain-start-error.ts";
import type { Place } from "../this-process.ts";
import { UsageError } from "./usage-error.ts";

/** Where an evaluation runs, and how it learns that it should stop. */
export interface EvaluatePlace extends Place {
  /** Whether complaints, and with them the progress, are shown in a terminal. */
  readonly isTerminal: boolean;
  readonly signal: AbortSignal;
}

/** What shells expect of a program that Ctrl-C has ended. */
export const interruptedCode = 130;

/**
 * Runs `pnpm evaluate`, shows how far it has come, and says why it failed.
 *
 * @returns the exit code: 2 for a command line that cannot be understood
 */
export async function runEvaluateCommand(place: EvaluatePlace): Promise<number> {
  const { parameters, write, complain, isTerminal, signal } = place;
  const progress = createProgressLine({ isTTY: isTerminal, write: complain });
  try {
    const command = parseEvaluateCommand(parameters);
    if (command === "help") write(evaluateUsage);
    else await evaluate(command, place, progress);
    return 0;
  } catch (error) {
    progress.end();
    if (signal.aborted) {
      complain("Stopped.\n");
      return interruptedCode;
    }
    const isMisused = error instanceof UsageError;
    complain(isMisused ? `${error.message}\n\n${evaluateUsage}` : `${explain(error)}\n`);
    return isMisused ? 2 : 1;
  }
}

async function evaluate(
  command: EvaluateCommand,
  { readEnvironment, write, signal }: EvaluatePlace,
  progress: ProgressLine,
): Promise<void> {
  const { document: path, output } = command;
  // Before the long work, so that a path that leads nowhere is known at once.
  const document = path === undefined ? undefined : await readEvaluationDocument(path);
  const days = command.days ?? readEnvironment().BACKTEST_WINDOW_DAYS;
  const context = { days, clock: () => new Date(), signal, progress };
  if (command.advice) {
    const result = await runAdviceEvaluation(command, context);
    progress.end();
    write(`${output === "json" ? JSON.stringify(toAdviceJson(result)) : formatAdvice(result)}\n`);
    return;
  }
  const evaluation = await runEvaluation(command, context);
  progress.end();
  const text =
    output === "json" ? JSON.stringify(toEvaluationJson(evaluation)) : formatEvaluation(evaluation, output);
  write(`${text}\n`);
  if (path !== undefined) await writeFile(path, withEvaluation(document, evaluation));
}

function explain(error: unknown): string {
  if (error instanceof MlError || error instanceof MarketSourceError) return error.message;
  return explainStartError(error, "The evaluation failed.");
}
