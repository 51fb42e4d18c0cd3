import { randomBytes } from "node:crypto";
import { type ProtocolStatus, protocolStatus } from "@obsqra/contract";
import type { OpenDatabase } from "@obsqra/db";
import {
  assertHasBegun,
  beginningOf,
  clearProtocolStatus,
  getProtocolKind,
  getProtocolKinds,
  getProtocolStatus,
  getProtocolStatuses,
  getStatusHistory,
  type MarketKind,
  type ProtocolStatusRow,
  type StatusChange,
  type StatusDecisionRow,
  setProtocolKind,
  setProtocolStatus,
} from "@obsqra/features";
import { createIdGenerator } from "@obsqra/platform";
import { type CommandDatabaseSettings, openCommandDatabase } from "./command-database.ts";
import { formatColumns, formatMinute } from "./format-columns.ts";
import { type ParsedLine, parseCommandLine, refuseOptions } from "./parse-command-line.ts";
import { describeKind, formatKinds } from "./print-kinds.ts";
import { readMoment } from "./read-moment.ts";
import type { CommandLine, Operator } from "./run-command.ts";
import { UsageError } from "./usage-error.ts";

const marketKinds: readonly MarketKind[] = ["lending", "dex", "unknown"];

const usage = `Shows the status of protocols and the kinds of their markets, and decides them.

Usage: pnpm protocols list
       pnpm protocols history NAME
       pnpm protocols set-status NAME STATUS --evidence URL [--since DAY] [--reason TEXT]
       pnpm protocols set-status NAME registry [--evidence URL] [--reason TEXT]
       pnpm protocols kinds
       pnpm protocols set-kind NAME KIND [--reason TEXT]

  list        every protocol with its status and who decided it
  history     what operators and the registry have decided about a protocol, newest first
  set-status  gives a protocol a status that no feed, no import and no release overrules; registry hands the decision back
  kinds       how many markets of each kind every protocol has, and what operators have said of them
  set-kind    says of what kind all markets of a protocol are, whatever the feed shows; feed hands the decision back

  KIND            ${marketKinds.join(", ")} or feed; a market of unknown kind has no risk score and is not advised on
  STATUS          ${protocolStatus.options.join(", ")}; only active protocols may receive money
  --evidence URL  where the status can be checked, https
  --since DAY     from when on it holds, such as 2025-11-01 (UTC), not in the future; by default now,
                  or as before when it is the status already
  --reason TEXT   up to 500 characters
  --dry-run       says what would change, and changes nothing
  --yes           does not ask at a terminal; from a script nothing is asked
  --help          shows this text

A status takes effect at once, and stays in the history for good; a kind counts from the next market.refresh on, which
makes all risk figures of these markets anew. It reads the same settings as the server; with the
embedded database, the server has to be stopped first.
`;

/** What to do. */
export type ProtocolsCommand =
  | { readonly name: "list" | "kinds" }
  | {
      readonly name: "set-kind";
      readonly protocol: string;
      /** Undefined hands the decision back. */
      readonly kind: MarketKind | undefined;
      readonly reason: string | undefined;
    }
  | { readonly name: "history"; readonly protocol: string }
  | {
      readonly name: "set-status";
      readonly protocol: string;
      readonly status: ProtocolStatus;
      readonly since: Date | undefined;
      readonly evidenceUrl: string;
      readonly reason: string | undefined;
    }
  | {
      readonly name: "clear-status";
      readonly protocol: string;
      readonly evidenceUrl: string | undefined;
      readonly reason: string | undefined;
    };

/** `pnpm protocols`. */
export const protocolsCommand: CommandLine<ProtocolsCommand> = {
  usage,
  parse: parseProtocolsCommand,
  isChange: ({ name }) => name.endsWith("-status") || name === "set-kind",
  run: runProtocolsCommand,
};

/**
 * Reads a command line.
 *
 * @throws UsageError
 */
export function parseProtocolsCommand(parameters: readonly string[]): ProtocolsCommand | "help" {
  const line = parseCommandLine(parameters, {
    list: {},
    history: { words: 1 },
    "set-status": { words: 2, options: ["evidence", "since", "reason"] },
    kinds: {},
    "set-kind": { words: 2, options: ["reason"] },
  });
  if (line === "help") return line;
  const { name, words, options } = line;
  const [protocol] = words;
  switch (name) {
    case "list":
    case "kinds":
      return { name };
    case "history":
      if (protocol === undefined) throw new UsageError("history needs the NAME of a protocol.");
      return { name, protocol };
    case "set-status":
      return readDecision(words, options);
    case "set-kind":
      return readKindDecision(words, options);
  }
}

/**
 * Opens the configured database, does what the command says and closes it.
 *
 * @returns the exit code
 * @throws ProtocolCommandError, NoDatabaseError, DataDirectoryLockedError, DatabaseUnavailableError
 */
async function runProtocolsCommand(
  command: ProtocolsCommand,
  env: CommandDatabaseSettings,
  operator: Operator,
): Promise<number> {
  const database = await openCommandDatabase(env, {
    writes: command.name !== "list" && command.name !== "history",
  });
  try {
    operator.write(await run(database, command, operator));
    return 0;
  } finally {
    await database.close();
  }
}

async function run({ db }: OpenDatabase, command: ProtocolsCommand, { announce }: Operator): Promise<string> {
  const clock = () => new Date();
  const deps = { db, clock, createId: createIdGenerator({ clock, randomBytes }) };
  switch (command.name) {
    case "list":
      return formatStatuses(await getProtocolStatuses(deps));
    case "kinds":
      return formatKinds(await getProtocolKinds(deps));
    case "set-kind": {
      const before = await getProtocolKind(deps, command.protocol);
      const change = `Will take all markets of ${command.protocol} for ${describeKind(command.kind)}, from ${describeKind(before.decided_kind)}: from the next market.refresh on.`;
      if (!(await announce(change))) return "";
      await setProtocolKind(deps, command);
      return `The markets of ${command.protocol} are taken for ${describeKind(command.kind)} from the next market.refresh on.\n`;
    }
    case "history":
      return formatHistory(await getStatusHistory(deps, command.protocol));
    case "set-status": {
      assertHasBegun(deps, command.since);
      const before = await getProtocolStatus(deps, command.protocol);
      const beginning = beginningOf(before, command);
      const since = beginning === undefined ? "now" : formatMinute(beginning);
      const change = `Will make ${command.protocol} ${command.status} by decision of an operator, from ${describeStatus(before)}: since ${since}, by the evidence of ${command.evidenceUrl}.`;
      return (await announce(change)) ? describeChange(await setProtocolStatus(deps, command)) : "";
    }
    case "clear-status": {
      const before = describeStatus(await getProtocolStatus(deps, command.protocol));
      const change = `Will hand the status of ${command.protocol} back to the registry, from ${before}.`;
      return (await announce(change)) ? describeChange(await clearProtocolStatus(deps, command)) : "";
    }
  }
}

function describeStatus({ status, status_decided_by }: ProtocolStatusRow): string {
  return `${status} (${status_decided_by})`;
}

function describeChange({ before, after }: StatusChange): string {
  return `${after.name} is ${describeStatus(after)} now. Before: ${describeStatus(before)}.\n`;
}

function formatStatuses(protocols: readonly ProtocolStatusRow[]): string {
  const header = ["protocol", "status", "decided by", "since", "evidence"];
  const rows = protocols.map((protocol) => [
    protocol.name,
    protocol.status,
    protocol.status_decided_by,
    formatMinute(protocol.status_since),
    protocol.evidence_url ?? "",
  ]);
  return formatColumns([header, ...rows]);
}

function formatHistory(decisions: readonly StatusDecisionRow[]): string {
  const header = ["decided at", "by", "status", "since", "evidence", "reason"];
  const rows = decisions.map((decision) => [
    formatMinute(decision.decided_at),
    decision.decided_by,
    decision.status ?? "as the registry says",
    formatMinute(decision.status_since),
    decision.evidence_url ?? "",
    decision.reason ?? "",
  ]);
  return formatColumns([header, ...rows]);
}

type Options = ParsedLine<string>["options"];

function readDecision([protocol, status]: readonly string[], options: Options): ProtocolsCommand {
  if (protocol === undefined || status === undefined) {
    throw new UsageError("set-status needs the NAME of a protocol and a STATUS.");
  }
  const reason = readReason(options.reason);
  const evidenceUrl = options.evidence === undefined ? undefined : readEvidence(options.evidence);
  if (status === "registry") {
    if (options.since !== undefined) refuseOptions("set-status NAME registry", ["since"]);
    return { name: "clear-status", protocol, evidenceUrl, reason };
  }
  const known = protocolStatus.safeParse(status);
  if (!known.success) {
    throw new UsageError(
      `There is no status ${status}: use ${protocolStatus.options.join(", ")} or registry.`,
    );
  }
  if (evidenceUrl === undefined)
    throw new UsageError(`set-status ${protocol} ${status} needs --evidence URL.`);
  const since = options.since === undefined ? undefined : readMoment(options.since);
  return { name: "set-status", protocol, status: known.data, since, evidenceUrl, reason };
}

function readKindDecision([protocol, kind]: readonly string[], { reason }: Options): ProtocolsCommand {
  if (protocol === undefined || kind === undefined) {
    throw new UsageError("set-kind needs the NAME of a protocol and a KIND.");
  }
  const known = marketKinds.find((each) => each === kind);
  if (known === undefined && kind !== "feed") {
    throw new UsageError(`There is no kind ${kind}: use ${marketKinds.join(", ")} or feed.`);
  }
  return { name: "set-kind", protocol, kind: known, reason: readReason(reason) };
}

function readEvidence(text: string): string {
  if (URL.parse(text)?.protocol !== "https:") throw new UsageError(`${text} is not an https:// address.`);
  return text;
}

function readReason(text: string | undefined): string | undefined {
  if (text !== undefined && (text.trim() === "" || text.length > 500)) {
    throw new UsageError("--reason takes 1 to 500 characters.");
  }
  return text;
}
