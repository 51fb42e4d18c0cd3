import { type Checkpoint, isConsistent, parseCheckpoint } from "@obsqra/receipts";
import { expectThat, type Finding, notChecked, passed } from "./check.ts";
import type { CheckedLog } from "./read-log.ts";

/**
 * That a log continues a checkpoint that somebody has kept.
 *
 * @param newest reads what the log says to be its newest checkpoint. @default the one that the log was opened at
 */
export async function checkHistory(
  log: CheckedLog,
  knownCheckpoint: string | undefined,
  newest?: () => Promise<Checkpoint>,
): Promise<Finding> {
  if (knownCheckpoint === undefined)
    return notChecked("Pass a checkpoint that you have kept to see that the log continues it.");
  const known = parseCheckpoint(knownCheckpoint);
  const { checkpoint, tree } = log;
  expectThat(known.origin === checkpoint.origin, `The checkpoint that you have kept is of ${known.origin}.`);
  if (known.size > checkpoint.size) return checkOlder(log, known, newest);
  const proof =
    known.size === 0 || known.size === checkpoint.size ? [] : await tree.proveConsistency(known.size);
  expectThat(
    isConsistent(known, checkpoint, proof),
    `The log was written anew: its first ${known.size} entries are not those that it has signed before.`,
  );
  return passed(`The log continues the checkpoint with ${known.size} entries that you have kept.`);
}

/** A receipt may have been kept for longer than the checkpoint: then that continues the receipt's, and the log of today that. */
async function checkOlder(
  { checkpoint, openAt }: CheckedLog,
  known: Checkpoint,
  newest: (() => Promise<Checkpoint>) | undefined,
): Promise<Finding> {
  const { size } = newest === undefined ? checkpoint : await newest();
  expectThat(known.size <= size, `The log was cut off: it had ${known.size} entries, and has ${size}.`);
  const proof = checkpoint.size === 0 ? [] : await openAt(known.size).proveConsistency(checkpoint.size);
  expectThat(
    isConsistent(checkpoint, known, proof),
    `The log was written anew: the checkpoint with ${known.size} entries that you have kept does not continue the receipt's.`,
  );
  return passed(
    `The receipt is older than the checkpoint with ${known.size} entries that you have kept, which continues it.`,
  );
}
