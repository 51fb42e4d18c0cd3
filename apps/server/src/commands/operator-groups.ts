import { readFile } from "node:fs/promises";
import type { CommandGroup } from "@obsqra/cli";
import { thisProcess } from "../this-process.ts";
import { type CommandLine, runCommand } from "./run-command.ts";

/** The commands of operators, as `obsqra` has them. Each is loaded when it is used: they load most of the service. */
export const operatorGroups: Readonly<Record<string, CommandGroup>> = {
  jobs: group(
    "What is done in the background:",
    ["list", "history", "run", "retry", "pause", "resume"],
    async () => (await import("./jobs-command.ts")).jobsCommand,
  ),
  models: group(
    "Which models are live:",
    ["list", "live", "rollback", "promote"],
    async () => (await import("./models-command.ts")).modelsCommand,
  ),
  accounts: group(
    "Accounts, for operators:",
    ["verify-audit", "end-sessions", "set-plan", "grant-operator", "withdraw-operator"],
    async () => (await import("./accounts-command.ts")).accountsCommand,
  ),
  transactions: group(
    "The logs of transactions:",
    ["verify"],
    async () => (await import("./transactions-command.ts")).transactionsCommand,
  ),
  protocols: group(
    "The status of protocols:",
    ["list", "history", "set-status", "kinds", "set-kind"],
    async () => (await import("./protocols-command.ts")).protocolsCommand,
  ),
  market: group("Market files:", ["check"], async () => (await import("./market-command.ts")).marketCommand),
  log: group(
    "The transparency log:",
    ["verify", "anchor", "rotate-key"],
    async () => (await import("./log-command.ts")).logCommand,
  ),
  backup: group(
    "Writes all data into a file: FILE",
    [],
    async () => (await import("./backup-command.ts")).backupCommand,
  ),
  restore: group(
    "Restores such a file into an empty database, and verifies it: FILE",
    [],
    async () => (await import("./restore-command.ts")).restoreCommand,
  ),
  move: group(
    "Moves all data between the embedded database and Postgres, and verifies them: FROM TO",
    [],
    async () => (await import("./move-command.ts")).moveCommand,
  ),
  verify: {
    summary:
      "Checks a forecast, or the whole track record, without believing the service: URL forecast ID, URL record",
    commands: [],
    run: async (parameters) =>
      (await import("@obsqra/verify/command")).runCommand(parameters, {
        fetch,
        readFile: (path) => readFile(path, "utf8"),
        write: thisProcess.write,
        complain: thisProcess.complain,
      }),
  },
};

function group<TCommand extends object>(
  summary: string,
  commands: readonly string[],
  load: () => Promise<CommandLine<TCommand>>,
): CommandGroup {
  return {
    summary,
    commands,
    run: async (parameters) => runCommand(await load(), { ...thisProcess, parameters }),
  };
}
