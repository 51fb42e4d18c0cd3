import { parseArgs } from "node:util";
import { UsageError } from "../commands/usage-error.ts";
import { isoDay } from "./iso-day.ts";

/** What can be forecast. */
export type EvaluationTarget = "yield" | "risk" | "illiquidity";
/** The columns that can be taken for the APY. */
export type ApyColumn = "apy" | "apyBase";

/** What to evaluate, and how to show it. */
export interface EvaluateCommand {
  readonly data: string;
  readonly target: EvaluationTarget;
  /** Whether suggestions are followed, instead of forecasts. */
  readonly advice: boolean;
  /** Days between suggestions; undefined: as many as they are followed. */
  readonly every: number | undefined;
  /** Days that suggestions are followed; undefined: as many as the horizon. */
  readonly hold: number | undefined;
  /** Undefined: the one that the file calls for. */
  readonly column: ApyColumn | undefined;
  /** Days ahead. The report is about the first; the others add their cells. */
  readonly horizons: readonly [number, ...number[]];
  /** Percent a year. */
  readonly cap: number;
  /** Length of the test period; undefined: as the server is configured. */
  readonly days: number | undefined;
  /** The last day that is read, UTC days since the epoch; undefined: all. */
  readonly until: number | undefined;
  /** Whether to make the intervals by other rules, too. */
  readonly ablations: boolean;
  /** A CSV of somebody else's forecasts, to be compared with. */
  readonly scriptPeer: string | undefined;
  readonly output: "text" | "markdown" | "json";
  /** A Markdown file to keep the report in, besides showing it. */
  readonly document: string | undefined;
}

export const evaluateUsage = `Tests the forecasts on a market file as time went by: at each day they see the past only.

Usage: pnpm evaluate --data FILE [options]

  --data FILE      CSV or CSV.gz with the columns pool, project, symbol, timestamp, and apy or apyBase; it may have
                   chain, tvlUsd, apyReward, apyBaseBorrow, utilizationImplied, frozen and paused
  --target TARGET  yield (the mean APY over the horizon; the default), risk (the score at its end), or illiquidity
                   (whether a market is frozen, or its utilization exceeds 98 %, within 14 days)
  --advice         follows suggestions instead: every --every days one per tolerance and typical holder, followed until the
                   horizon net of all costs, beside holding, equal weights, the highest current yield and hindsight
  --hold DAYS      of --advice: days that suggestions are followed, 1 to 365, also beyond what is forecast; by default the
                   horizon
  --every DAYS     of --advice: days between suggestions, 1 to 365; by default as many as they are followed, so that
                   outcomes do not overlap
  --column NAME    apy or apyBase: which one is the APY; by default apy where the file has it, else apyBase
  --horizon DAYS   days ahead, 1 to 365; by default 7, and 30 for the coverage of projects, too
  --cap PERCENT    APYs beyond ± this many percent a year are winsorised to it; 500 by default
  --days DAYS      length of the test period, 14 to 3650; by default BACKTEST_WINDOW_DAYS, which is 90 unless set
  --until DAY      reads the file as if it ended with this day, YYYY-MM-DD
  --ablations      also makes the intervals of what was served without each of the rules that make them
  --script-peer F  CSV of another's forecasts, with the columns pool, day (YYYY-MM-DD), horizon and forecast; shown beside
                   ours on the same rows. packages/ml/reference/script_peer.py makes one
  --json           one JSON object in place of the tables
  --markdown       the tables in Markdown
  --document FILE  also writes the report into this Markdown file, in place of the earlier one of the same evaluation
  --help           shows this text

The result goes to standard output, everything else to standard error. It ends with 0, with 1 when the evaluation
fails, or with 2 when this text was not followed.
`;

/**
 * Reads a command line.
 *
 * @throws UsageError
 */
export function parseEvaluateCommand(parameters: readonly string[]): EvaluateCommand | "help" {
  const values = parse(parameters);
  if (values.help === true) return "help";
  if (values.data === undefined || values.data === "")
    throw new UsageError("Name a market file: --data FILE.");
  if (values.json === true && values.markdown === true) {
    throw new UsageError("Choose one of --json and --markdown.");
  }
  const target = readChoice("--target", values.target ?? "yield", ["yield", "risk", "illiquidity"]);
  if (target === "illiquidity" && (values.horizon !== undefined || values.cap !== undefined)) {
    throw new UsageError(
      "--target illiquidity looks 14 days ahead and caps nothing: leave out --horizon and --cap.",
    );
  }
  if (target === "illiquidity" && values["script-peer"] !== undefined) {
    throw new UsageError(
      "--script-peer has forecasts of yield or risk: leave it out with --target illiquidity.",
    );
  }
  if (values.ablations === true && target === "illiquidity") {
    throw new UsageError("--ablations is about intervals: leave it out with --target illiquidity.");
  }
  const advice = values.advice === true;
  if (!advice && (values.every ?? values.hold) !== undefined) {
    throw new UsageError("--every and --hold are of --advice.");
  }
  const unusable = [values.target, values["script-peer"], values.document, values.markdown, values.ablations];
  if (advice && unusable.some((value) => value !== undefined)) {
    throw new UsageError(
      "--advice goes without --target, --script-peer, --markdown, --ablations and --document.",
    );
  }
  return {
    data: values.data,
    target,
    advice,
    every: values.every === undefined ? undefined : readWholeNumber("--every", values.every, [1, 365]),
    hold: values.hold === undefined ? undefined : readWholeNumber("--hold", values.hold, [1, 365]),
    column:
      values.column === undefined ? undefined : readChoice("--column", values.column, ["apy", "apyBase"]),
    horizons:
      values.horizon === undefined ? [7, 30] : [readWholeNumber("--horizon", values.horizon, [1, 365])],
    cap: readCap(values.cap ?? "500"),
    until: values.until === undefined ? undefined : readDay("--until", values.until),
    ablations: values.ablations === true,
    days: values.days === undefined ? undefined : readWholeNumber("--days", values.days, [14, 3650]),
    output: values.json === true ? "json" : values.markdown === true ? "markdown" : "text",
    scriptPeer: values["script-peer"],
    document: values.document,
  };
}

function parse(parameters: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  // `pnpm evaluate -- --data FILE` is an old habit.
  const args = parameters[0] === "--" ? parameters.slice(1) : [...parameters];
  try {
    return parseArgs({
      args,
      options: {
        data: text,
        target: text,
        advice: flag,
        every: text,
        hold: text,
        column: text,
        horizon: text,
        cap: text,
        days: text,
        until: text,
        ablations: flag,
        "script-peer": text,
        json: flag,
        markdown: flag,
        document: text,
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readChoice<const TChoice extends string>(
  option: string,
  text: string,
  choices: readonly TChoice[],
): TChoice {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new UsageError(`${option} is ${choices.join(" or ")}, not ${text}.`);
  return choice;
}

function readWholeNumber(option: string, text: string, [min, max]: readonly [number, number]): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < min || number > max) {
    throw new UsageError(`${option} is a whole number from ${min} to ${max}, not ${text}.`);
  }
  return number;
}

/** UTC days since the epoch. */
function readDay(option: string, text: string): number {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) / 86_400_000 : Number.NaN;
  if (Number.isNaN(day) || isoDay(day) !== text) {
    throw new UsageError(`${option} is a day as in 2025-06-30, not ${text}.`);
  }
  return day;
}

/** At least 1: with less, a forecast of nothing but the cap would be perfect. */
function readCap(text: string): number {
  const cap = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || cap < 1 || cap > 1_000_000) {
    throw new UsageError(`--cap is a number of percent from 1 to 1000000, not ${text}.`);
  }
  return cap;
}
