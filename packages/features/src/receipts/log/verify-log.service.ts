import { createHash } from "node:crypto";
import type { Database } from "@obsqra/db";
import { areEqual, checkSignature, growTree, parseCheckpoint, parseVerifierKey } from "@obsqra/receipts";
import { verifyChainHeads } from "../chains/chain-heads.service.ts";
import { assertLogContinues } from "./check-log.service.ts";
import { listCheckpointsAfter, listEntries, listLogKeys } from "./log.queries.ts";
import { LogChangedError } from "./log-changed-error.ts";

/** What was followed. */
export interface LogVerified {
  readonly entries: number;
  /** How many times it was signed, each of which holds. */
  readonly checkpoints: number;
  /** The newest checkpoint; undefined before the first. */
  readonly newest: string | undefined;
  /** How many times it has committed to where the chains of users end, which all of them still have. */
  readonly chainHeads: number;
}

const entriesAtOnce = 2_048;
const checkpointsAtOnce = 1_000;

/**
 * Reads every entry of the log, and compares every checkpoint that was signed with the entries that there were then, and the chains of
 * users with where they ended then. Memory does not grow with the log.
 *
 * @throws LogChangedError for the first checkpoint that does not hold, or the first chain that was cut off
 */
export async function verifyLog({ db }: { readonly db: Database }): Promise<LogVerified> {
  await assertLogContinues({ db });
  const keys = (await listLogKeys(db)).map(({ verifier_key }) => parseVerifierKey(verifier_key));
  const tree = growTree();
  let [entries, checkpoints] = [0, 0];
  let newest: string | undefined;
  for await (const note of readCheckpoints(db)) {
    const checkpoint = parseCheckpoint(note);
    if (!keys.some((key) => checkSignature(checkpoint.note, key) === "valid")) {
      throw new LogChangedError(
        `Its checkpoint of ${checkpoint.size} entries is signed by none of its keys.`,
      );
    }
    while (entries < checkpoint.size) {
      const read = await listEntries(db, entries, Math.min(entriesAtOnce, checkpoint.size - entries));
      if (read.length === 0) throw new LogChangedError(`Its entry ${entries} is missing.`);
      for (const entry of read) {
        tree.add(createHash("sha256").update(Uint8Array.of(0)).update(entry).digest());
      }
      entries += read.length;
    }
    if (!areEqual(tree.root(), checkpoint.root)) {
      throw new LogChangedError(`Its first ${checkpoint.size} entries are not those that it has signed.`);
    }
    checkpoints += 1;
    newest = note;
  }
  return { entries, checkpoints, newest, chainHeads: await verifyChainHeads({ db }) };
}

/** All checkpoints, the smallest first. */
async function* readCheckpoints(db: Database): AsyncGenerator<string> {
  let after = 0;
  for (;;) {
    const rows = await listCheckpointsAfter(db, after, checkpointsAtOnce);
    for (const { note } of rows) yield note;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.size;
  }
}
