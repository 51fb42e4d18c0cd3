import { randomBytes } from "node:crypto";
import { assertLogContinues, getLogFile, rotateLogKey, verifyLog } from "@obsqra/features";
import { createSealer } from "@obsqra/platform";
import { bytesToHex, parseCheckpoint } from "@obsqra/receipts";
import { publicUrl } from "../create-dependencies.ts";
import type { Environment } from "../env.ts";
import { readSecretKeys } from "../secret-key.ts";
import { openCommandDatabase } from "./command-database.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import type { CommandLine, Operator } from "./run-command.ts";

const usage = `Checks the transparency log, and replaces the key that signs it.

Usage: pnpm log verify
       pnpm log anchor
       pnpm log rotate-key

  verify      reads every entry, compares every checkpoint that was signed with the entries that there were then, and users' chains
              of transactions and of security events with where they ended then, and shows the newest checkpoint; the exit code
              is 1 if one does not hold
  anchor      shows what contracts/log_anchor.cairo is called with, to keep the newest checkpoint on Starknet: how many entries, and its
              root as two felts, the lower half first; nothing is sent
  rotate-key  makes a new key, announces it by an entry whose checkpoint the old one signs, and signs with it from then on

  --dry-run   says what would change, and changes nothing
  --yes       does not ask at a terminal; from a script nothing is asked
  --help      shows this text

Nobody can tell from the database alone that all of the log was written anew. Keep what verify shows outside of it: a log that does not
continue it the next time was tampered with. pnpm verify --checkpoint compares.

It reads the same settings as the server; with the embedded database, the server has to be stopped first.
`;

/** What to do with the log. */
export interface LogCommand {
  readonly name: "verify" | "anchor" | "rotate-key";
}

/** `pnpm log`. */
export const logCommand: CommandLine<LogCommand> = {
  usage,
  parse: parseLogCommand,
  isChange: ({ name }) => name === "rotate-key",
  run: runLogCommand,
};

/**
 * Reads a command line.
 *
 * @throws UsageError
 */
export function parseLogCommand(parameters: readonly string[]): LogCommand | "help" {
  const line = parseCommandLine(parameters, { verify: {}, anchor: {}, "rotate-key": {} });
  return line === "help" ? line : { name: line.name };
}

/**
 * Opens the configured database, does what the command says and closes it.
 *
 * @throws LogChangedError, NoDatabaseError, DataDirectoryLockedError, DatabaseUnavailableError
 */
async function runLogCommand(
  { name }: LogCommand,
  env: Environment,
  { write, announce }: Operator,
): Promise<number> {
  const isChange = name === "rotate-key";
  const { db, close } = await openCommandDatabase(env, { writes: isChange });
  try {
    if (name === "anchor") {
      const newest = await getLogFile({ db }, "checkpoint");
      if (newest === undefined) {
        write("Nothing is signed yet.\n");
        return 1;
      }
      write(`${anchorCalldata(String(newest.content)).join(" ")}\n`);
      return 0;
    }
    if (!isChange) {
      const { entries, checkpoints, newest, chainHeads } = await verifyLog({ db });
      write(
        `${entries} entries, signed ${checkpoints} times: all of it holds.\nUsers' chains go on from where they ended, ${chainHeads} times.\n\n${newest ?? ""}`,
      );
      return 0;
    }
    await assertLogContinues({ db });
    if (!(await announce("The transparency log gets a new key, which signs from now on."))) return 0;
    const sealer = createSealer(readSecretKeys(env, randomBytes), randomBytes);
    const deps = { db, clock: () => new Date(), sealer, randomBytes, publicUrl: publicUrl(env) };
    write(`The new key: ${await rotateLogKey(deps)}\n`);
    return 0;
  } finally {
    await close();
  }
}

/** Size and root of a checkpoint as the contract takes them: a u64, and a u256 as its lower and its upper half. */
export function anchorCalldata(checkpoint: string): string[] {
  const { size, root } = parseCheckpoint(checkpoint);
  const hex = bytesToHex(root);
  return [size, `0x${hex.slice(32)}`, `0x${hex.slice(0, 32)}`].map(
    (felt) => `0x${BigInt(felt).toString(16)}`,
  );
}
