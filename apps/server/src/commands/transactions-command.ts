import { email } from "@obsqra/contract";
import { type AccountSelection, verifyTransactionLogs } from "@obsqra/features";
import { z } from "zod";
import { type CommandDatabaseSettings, openCommandDatabase } from "./command-database.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import { printChains } from "./print-chains.ts";
import type { CommandLine, Operator } from "./run-command.ts";
import { UsageError } from "./usage-error.ts";

const usage = `Checks the logs of transactions.

Usage: pnpm transactions verify [EMAIL | USER_ID]

  verify    follows the chain of each user's log, and of the list of all logs, and shows its length and its newest hash,
            or the first entry where it does not hold; the exit code is 1 if any does not

  EMAIL     only the log of the account with this address
  USER_ID   only the log of this account, which may be erased
  --help    shows this text

A log whose newest entries were cut off is shown as incomplete, unless its end in the list of logs was changed, too; neither
chain nor list can tell that all of it was written anew. Keep what verify shows outside the database, above all the line of the
list of logs, whose hash vouches for which logs there are: a log or list that is shorter the next time, or has another hash at
the same length, was tampered with. Users can keep and check the same
hash: transactions.entries returns all that it is computed from.

It reads the same settings as the server; with the embedded database, the server has to be stopped first.
`;

/** Whose logs to check. */
export interface TransactionsCommand {
  readonly name: "verify";
  readonly selection: AccountSelection;
}

/** `pnpm transactions`. */
export const transactionsCommand: CommandLine<TransactionsCommand> = {
  usage,
  parse: parseTransactionsCommand,
  isChange: () => false,
  run: runTransactionsCommand,
};

/**
 * Reads a command line.
 *
 * @throws UsageError
 */
export function parseTransactionsCommand(parameters: readonly string[]): TransactionsCommand | "help" {
  const line = parseCommandLine(parameters, { verify: { words: 1 } });
  if (line === "help") return line;
  const [account] = line.words;
  return { name: line.name, selection: account === undefined ? "all" : readAccount(account) };
}

/**
 * Opens the configured database, does what the command says and closes it.
 *
 * @returns the exit code: 1 when a log does not hold
 * @throws AccountCommandError, NoDatabaseError, DataDirectoryLockedError, DatabaseUnavailableError
 */
async function runTransactionsCommand(
  { selection }: TransactionsCommand,
  env: CommandDatabaseSettings,
  { write }: Operator,
): Promise<number> {
  const database = await openCommandDatabase(env, { writes: false });
  try {
    const verdicts = verifyTransactionLogs({ db: database.db }, selection);
    return await printChains(verdicts, { entry: "entry", log: "transaction log" }, write);
  } finally {
    await database.close();
  }
}

function readAccount(text: string): AccountSelection {
  const id = z.uuid().safeParse(text);
  if (id.success) return { id: id.data };
  // Folded like the addresses of accounts.
  const address = email.safeParse(text);
  if (address.success) return { email: address.data };
  throw new UsageError(`${text} is neither an email address nor the id of a user.`);
}
