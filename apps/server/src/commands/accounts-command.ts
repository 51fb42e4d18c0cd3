import { randomBytes } from "node:crypto";
import { email as emailSchema, type Plan, plan as planSchema } from "@obsqra/contract";
import type { OpenDatabase } from "@obsqra/db";
import {
  type AccountCommandDependencies,
  type AccountSelection,
  countSessionsToEnd,
  endSessionsByOperator,
  getPlan,
  isOperator,
  setOperatorRights,
  setPlanByOperator,
  verifyAuditLogs,
} from "@obsqra/features";
import { createIdGenerator } from "@obsqra/platform";
import { type CommandDatabaseSettings, openCommandDatabase } from "./command-database.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import { countOf, printChains } from "./print-chains.ts";
import type { CommandLine, Operator } from "./run-command.ts";
import { UsageError } from "./usage-error.ts";

const usage = `Checks the audit logs of accounts, ends sessions, sets plans, and says who is an operator.

Usage: pnpm accounts verify-audit [--email EMAIL | --all]
       pnpm accounts end-sessions (--email EMAIL | --all)
       pnpm accounts set-plan --email EMAIL --plan PLAN
       pnpm accounts grant-operator --email EMAIL
       pnpm accounts withdraw-operator --email EMAIL

  verify-audit  follows the chain of each audit log, and of the list of all logs, and shows its length and its newest
                hash, or where it does not hold; the exit code is 1 if any does not
  end-sessions  signs an account, or everybody, out on all devices at once; API keys go on working
  set-plan      gives an account another plan, from its next call on
  grant-operator, withdraw-operator
                lets an account see and run jobs by the API (/operations), or no longer, from its next call on

  --email EMAIL  the account with this address
  --all          all accounts; what verify-audit does by default
  --plan PLAN    ${planSchema.options.join(" or ")}
  --dry-run      says what would change, and changes nothing
  --yes          does not ask at a terminal; from a script nothing is asked
  --help         shows this text

A log whose newest events were cut off is shown as incomplete, unless its end in the list of logs was changed, too; neither
chain nor list can tell that all of it was written anew. Keep what verify-audit shows outside the database, above all the line of the
list of logs, whose hash vouches for which logs there are: a log or list that is shorter the next time, or has another hash at
the same length, was tampered with.

It reads the same settings as the server; with the embedded database, the server has to be stopped first.
`;

/** What to do, and with whom. */
export type AccountsCommand =
  | { readonly name: "verify-audit" | "end-sessions"; readonly selection: AccountSelection }
  | { readonly name: "set-plan"; readonly email: string; readonly plan: Plan }
  | { readonly name: "grant-operator" | "withdraw-operator"; readonly email: string };

/** `pnpm accounts`. */
export const accountsCommand: CommandLine<AccountsCommand> = {
  usage,
  parse: parseAccountsCommand,
  isChange: ({ name }) => name !== "verify-audit",
  run: runAccountsCommand,
};

/**
 * Reads a command line.
 *
 * @throws UsageError
 */
export function parseAccountsCommand(parameters: readonly string[]): AccountsCommand | "help" {
  const line = parseCommandLine(parameters, {
    "verify-audit": { options: ["email"], flags: ["all"] },
    "end-sessions": { options: ["email"], flags: ["all"] },
    "set-plan": { options: ["email", "plan"] },
    "grant-operator": { options: ["email"] },
    "withdraw-operator": { options: ["email"] },
  });
  if (line === "help") return line;
  const { name, options, flags } = line;
  const { email, plan } = options;
  const isAll = flags.has("all");
  if (email !== undefined && isAll) throw new UsageError("Use either --email or --all.");
  switch (name) {
    case "verify-audit":
      return { name, selection: email === undefined ? "all" : { email: readEmail(email) } };
    case "end-sessions":
      if (email !== undefined) return { name, selection: { email: readEmail(email) } };
      if (isAll) return { name, selection: "all" };
      throw new UsageError("end-sessions needs --email EMAIL or --all.");
    case "set-plan":
      if (email === undefined || plan === undefined) {
        throw new UsageError("set-plan needs --email EMAIL and --plan PLAN.");
      }
      return { name, email: readEmail(email), plan: readPlan(plan) };
    case "grant-operator":
    case "withdraw-operator":
      if (email === undefined) throw new UsageError(`${name} needs --email EMAIL.`);
      return { name, email: readEmail(email) };
  }
}

/**
 * Opens the configured database, does what the command says and closes it.
 *
 * @returns the exit code: 1 when an audit log does not hold
 * @throws AccountCommandError, NoDatabaseError, DataDirectoryLockedError, DatabaseUnavailableError
 */
async function runAccountsCommand(
  command: AccountsCommand,
  env: CommandDatabaseSettings,
  operator: Operator,
): Promise<number> {
  const database = await openCommandDatabase(env, { writes: command.name !== "verify-audit" });
  try {
    if (command.name === "set-plan") return await setPlan(database, command, operator);
    if ("email" in command) return await setRights(database, command, operator);
    if (command.name === "end-sessions") return await endSessions(database, command.selection, operator);
    const verdicts = verifyAuditLogs({ db: database.db }, command.selection);
    return await printChains(verdicts, { entry: "event", log: "audit log" }, operator.write);
  } finally {
    await database.close();
  }
}

async function endSessions(
  { db }: OpenDatabase,
  selection: AccountSelection,
  { announce, write }: Operator,
): Promise<number> {
  const deps = operatorDependencies(db);
  const ending = await countSessionsToEnd(deps, selection);
  const sessions = `${countOf(ending.sessions, "session")} of ${countOf(ending.accounts, "account")}`;
  if (!(await announce(`Will end ${sessions}.`))) return 0;
  const ended = await endSessionsByOperator(deps, selection);
  write(`${countOf(ended.sessions, "session")} of ${countOf(ended.accounts, "account")} ended.\n`);
  return 0;
}

async function setPlan(
  { db }: OpenDatabase,
  { email, plan }: Extract<AccountsCommand, { name: "set-plan" }>,
  { announce, write }: Operator,
): Promise<number> {
  const deps = operatorDependencies(db);
  const before = await getPlan(deps, email);
  if (!(await announce(`Will give ${email} the plan ${plan} instead of ${before}.`))) return 0;
  await setPlanByOperator(deps, { email, plan });
  write(`${email} has the plan ${plan} now.\n`);
  return 0;
}

async function setRights(
  { db }: OpenDatabase,
  { name, email }: Extract<AccountsCommand, { name: "grant-operator" | "withdraw-operator" }>,
  { announce, write }: Operator,
): Promise<number> {
  const deps = operatorDependencies(db);
  const isGranted = name === "grant-operator";
  if ((await isOperator(deps, email)) === isGranted) {
    write(isGranted ? `${email} is an operator already.\n` : `${email} is no operator.\n`);
    return 0;
  }
  const change = isGranted
    ? `Will make ${email} an operator.`
    : `Will withdraw ${email}'s rights of an operator.`;
  if (!(await announce(change))) return 0;
  await setOperatorRights(deps, { email, isGranted });
  write(isGranted ? `${email} is an operator now.\n` : `${email} is no operator any more.\n`);
  return 0;
}

function operatorDependencies(db: OpenDatabase["db"]): AccountCommandDependencies {
  const clock = () => new Date();
  return { db, clock, createId: createIdGenerator({ clock, randomBytes }), randomBytes };
}

/** Folded like the addresses of accounts. */
function readEmail(text: string): string {
  const result = emailSchema.safeParse(text);
  if (!result.success) throw new UsageError(`${text} is not an email address.`);
  return result.data;
}

function readPlan(text: string): Plan {
  const result = planSchema.safeParse(text);
  if (!result.success)
    throw new UsageError(`There is no plan ${text}: use ${planSchema.options.join(" or ")}.`);
  return result.data;
}
