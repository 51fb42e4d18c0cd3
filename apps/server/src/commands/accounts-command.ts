import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import {
  AccountCommandError,
  type AccountSelection,
  createIdGenerator,
  endSessionsByOperator,
  verifyAuditLogs,
} from "@obsqra/api";
import { email as emailSchema } from "@obsqra/contract";
import type { OpenDatabase } from "@obsqra/db";
import type { Environment } from "../env.ts";
import { explainCommandError, openCommandDatabase } from "./command-database.ts";
import { UsageError } from "./usage-error.ts";

export const usage = `Checks the audit logs of accounts, and ends sessions.

Usage: pnpm accounts verify-audit [--email EMAIL | --all]
       pnpm accounts end-sessions (--email EMAIL | --all)

  verify-audit  follows the chain of each audit log and shows its length and its newest hash, or where it does not
                hold; the exit code is 1 if any does not
  end-sessions  signs an account, or everybody, out on all devices at once; API keys go on working

  --email EMAIL  the account with this address
  --all          all accounts; what verify-audit does by default
  --help         shows this text

A chain cannot tell that its newest events were cut off. Keep what verify-audit shows outside the database: an account
whose log is shorter the next time, or has another hash at the same length, was tampered with.

It reads the same settings as the server; with the embedded database, the server has to be stopped first.
`;

/** What to do, and with whom. */
export interface AccountsCommand {
  readonly name: "verify-audit" | "end-sessions";
  readonly selection: AccountSelection;
}

const faults = {
  order: "an event is missing there",
  link: "it does not follow the event before",
  content: "its content was changed",
};

/**
 * Reads a command line.
 *
 * @throws UsageError
 */
export function parseAccountsCommand(parameters: readonly string[]): AccountsCommand | "help" {
  const { values, positionals } = parse(parameters);
  if (values.help === true) return "help";
  const [name, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`What is ${rest.join(" ")} for? Options start with --.`);
  if (values.email !== undefined && values.all === true) {
    throw new UsageError("Use either --email or --all.");
  }
  switch (name) {
    case "verify-audit":
      return { name, selection: values.email === undefined ? "all" : { email: readEmail(values.email) } };
    case "end-sessions":
      if (values.email !== undefined) return { name, selection: { email: readEmail(values.email) } };
      if (values.all === true) return { name, selection: "all" };
      throw new UsageError("end-sessions needs --email EMAIL or --all.");
    case undefined:
      throw new UsageError("Say what to do: verify-audit or end-sessions.");
    default:
      throw new UsageError(`There is no command ${name}: use verify-audit or end-sessions.`);
  }
}

/**
 * Opens the configured database, does what the command says and closes it.
 *
 * @param write takes what to show, as it comes
 * @returns the exit code: 1 when an audit log does not hold
 * @throws AccountCommandError, NoDatabaseError, DataDirectoryLockedError, DatabaseUnavailableError
 */
export async function runAccountsCommand(
  { name, selection }: AccountsCommand,
  env: Pick<Environment, "DATABASE_URL" | "DATA_DIRECTORY">,
  write: (text: string) => void,
): Promise<number> {
  const database = await openCommandDatabase(env);
  try {
    return name === "verify-audit"
      ? await verifyAudit(database, selection, write)
      : await endSessions(database, selection, write);
  } finally {
    await database.close();
  }
}

/** Says why a command about accounts failed and what to do about it. */
export function explainAccountsError(error: unknown): string {
  return error instanceof AccountCommandError ? error.message : explainCommandError(error);
}

async function verifyAudit(
  { db }: OpenDatabase,
  selection: AccountSelection,
  write: (text: string) => void,
): Promise<number> {
  let broken = 0;
  let accounts = 0;
  for await (const { user_id, chain } of verifyAuditLogs({ db }, selection)) {
    accounts += 1;
    if ("fault" in chain) {
      broken += 1;
      write(`${user_id}  does not hold at event ${chain.position}: ${faults[chain.fault]}\n`);
    } else {
      write(`${user_id}  ${countOf(chain.position, "event")}  ${Buffer.from(chain.hash).toString("hex")}\n`);
    }
  }
  write(
    broken === 0 ? `${countOf(accounts, "audit log")} checked.\n` : `${broken} of ${accounts} do not hold.\n`,
  );
  return broken === 0 ? 0 : 1;
}

async function endSessions(
  { db }: OpenDatabase,
  selection: AccountSelection,
  write: (text: string) => void,
): Promise<number> {
  const clock = () => new Date();
  const createId = createIdGenerator({ clock, randomBytes });
  const ended = await endSessionsByOperator({ db, clock, createId, randomBytes }, selection);
  write(`${countOf(ended.sessions, "session")} of ${countOf(ended.accounts, "account")} ended.\n`);
  return 0;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function parse(parameters: readonly string[]) {
  try {
    return parseArgs({
      args: [...parameters],
      allowPositionals: true,
      options: {
        email: { type: "string" },
        all: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Folded like the addresses of accounts. */
function readEmail(text: string): string {
  const result = emailSchema.safeParse(text);
  if (!result.success) throw new UsageError(`${text} is no email address.`);
  return result.data;
}
