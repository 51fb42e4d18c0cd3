import { randomBytes } from "node:crypto";
import {
  type DecisionDependencies,
  type ForecastKind,
  findServedSource,
  getModels,
  ModelCommandError,
  planModelChange,
  promoteModel,
  rollBackModel,
} from "@obsqra/features";
import { createMarketSource } from "@obsqra/market";
import { createIdGenerator } from "@obsqra/platform";
import type { Environment } from "../env.ts";
import { openModelProcess } from "../training/model-process.ts";
import { type CommandDatabaseSettings, openCommandDatabase } from "./command-database.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import { printModels } from "./print-models.ts";
import { readMoment } from "./read-moment.ts";
import type { CommandLine, Operator } from "./run-command.ts";
import { UsageError } from "./usage-error.ts";

const usage = `Shows which models were live when, and changes which one is.

Usage: pnpm models list [--kind KIND] [--limit N]
       pnpm models live [--kind KIND] [--at MOMENT]
       pnpm models rollback --kind KIND [--to VERSION]
       pnpm models promote --kind KIND --to VERSION

  list      what was decided about each trained model, newest first; * is live now
  live      the models that are live now, or were at a moment such as 2026-11-01T00:00:00Z
  rollback  makes an earlier champion live again, by default the previous one
  promote   makes any stored model live, whatever was decided about it

  --kind KIND      risk or yield
  --to VERSION     a model's version, as list shows it
  --at MOMENT      ISO 8601, UTC
  --limit N        decisions to show, 1 to 100; 20 by default
  --source SOURCE  market source, such as defillama or file:history.csv; by default the configured one, or else the one
                   that was served last
  --dry-run        says what would change, and changes nothing
  --yes            does not ask at a terminal; from a script nothing is asked
  --help           shows this text

It reads the same settings as the server. A change takes effect at once, with forecasts from the newest stored history;
with the embedded database, the server has to be stopped first.
`;

/** What to do. */
export type ModelsCommand = { readonly source: string | undefined } & (
  | {
      readonly name: "list" | "live";
      readonly kind: ForecastKind | undefined;
      readonly at: Date | undefined;
      readonly limit: number;
    }
  | { readonly name: "rollback"; readonly kind: ForecastKind; readonly to: string | undefined }
  | { readonly name: "promote"; readonly kind: ForecastKind; readonly to: string }
);

/** `pnpm models`. */
export const modelsCommand: CommandLine<ModelsCommand> = {
  usage,
  parse: parseModelsCommand,
  isChange: ({ name }) => name === "rollback" || name === "promote",
  run: runModelsCommand,
};

/**
 * Reads a command line.
 *
 * @throws UsageError
 */
export function parseModelsCommand(parameters: readonly string[]): ModelsCommand | "help" {
  const line = parseCommandLine(parameters, {
    list: { options: ["kind", "limit", "source"] },
    live: { options: ["kind", "at", "source"] },
    rollback: { options: ["kind", "to", "source"] },
    promote: { options: ["kind", "to", "source"] },
  });
  if (line === "help") return line;
  const { name, options } = line;
  const { source, to, at } = options;
  const kind = readKind(options.kind);
  if (name === "list" || name === "live") {
    const limit = readLimit(options.limit);
    return { name, source, kind, at: at === undefined ? undefined : readMoment(at), limit };
  }
  if (kind === undefined) throw new UsageError(`${name} needs --kind risk or --kind yield.`);
  if (name === "rollback") return { name, source, kind, to };
  if (to === undefined) throw new UsageError("promote needs --to VERSION.");
  return { name, source, kind, to };
}

/**
 * Opens the configured database, does what the command says and closes it.
 *
 * @returns the exit code
 * @throws ModelCommandError, NoDatabaseError, DataDirectoryLockedError, DatabaseUnavailableError
 */
async function runModelsCommand(
  command: ModelsCommand,
  env: CommandDatabaseSettings &
    Pick<Environment, "MARKET_SOURCE" | "MARKET_FILE" | "PREDICTION_WINDOW_DAYS" | "PUBLISH_SNAPSHOTS">,
  operator: Operator,
): Promise<number> {
  const database = await openCommandDatabase(env, {
    writes: command.name !== "list" && command.name !== "live",
  });
  try {
    const clock = () => new Date();
    const createId = createIdGenerator({ clock, randomBytes });
    const marketSource =
      command.source ?? (await findSource(env, clock)) ?? (await findServedSource(database));
    if (marketSource === undefined) throw new ModelCommandError("No model has been trained yet.");
    const publishSnapshots = env.PUBLISH_SNAPSHOTS;
    const deps = { db: database.db, clock, createId, marketSource, publishSnapshots };
    operator.write(await run(deps, command, { ...operator, horizonDays: env.PREDICTION_WINDOW_DAYS }));
    return 0;
  } finally {
    await database.close();
  }
}

async function run(
  deps: DecisionDependencies,
  command: ModelsCommand,
  { announce, horizonDays }: Operator & { readonly horizonDays: number },
): Promise<string> {
  switch (command.name) {
    case "list":
    case "live": {
      const { name, kind, limit } = command;
      const at = command.at ?? deps.clock();
      const live_at = name === "live" ? at.toISOString() : undefined;
      const { items } = await getModels(deps, { kind, live_at, sort: "newest", limit });
      if (items.length > 0) return printModels(items);
      const moment = live_at === undefined ? "" : ` at ${live_at}`;
      throw new ModelCommandError(`There is no model of ${deps.marketSource}${moment}.`);
    }
    case "rollback":
    case "promote": {
      const { name, kind, to } = command;
      const planned = await planModelChange(deps, { name, kind, horizonDays, version: to });
      const before = planned.from === undefined ? "" : ` instead of ${planned.from}`;
      if (!(await announce(`Will make ${planned.to} live${before}, with new forecasts.`))) return "";
      await using work = openModelProcess();
      const wanted = { kind, horizonDays, forecast: work.forecast };
      const { from, ...change } =
        name === "rollback"
          ? await rollBackModel(deps, { ...wanted, version: to })
          : await promoteModel(deps, { ...wanted, version: command.to });
      const until = from === undefined ? "" : ` instead of ${from}`;
      return `${change.to} is live now${until}, with ${change.forecasts} forecasts from the newest history of ${deps.marketSource}.\n`;
    }
  }
}

async function findSource(
  env: Pick<Environment, "MARKET_SOURCE" | "MARKET_FILE">,
  clock: () => Date,
): Promise<string | undefined> {
  if (env.MARKET_SOURCE === undefined) return undefined;
  const settings = { source: env.MARKET_SOURCE, filePath: env.MARKET_FILE };
  return (await createMarketSource(settings, { clock, fetch })).source.name;
}

function readKind(kind: string | undefined): ForecastKind | undefined {
  if (kind === undefined || kind === "risk" || kind === "yield") return kind;
  throw new UsageError(`There is no kind ${kind}: use risk or yield.`);
}

function readLimit(text = "20"): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw new UsageError(`${text} is not a whole number from 1 to 100.`);
  }
  return limit;
}
