import { isConsistent, parseCheckpoint } from "@obsqra/receipts";
import { expectThat, type Finding, notChecked, passed } from "./check.ts";
import type { CheckedLog } from "./read-log.ts";

/** That a log continues a checkpoint that somebody has kept. */
export async function checkHistory(log: CheckedLog, knownCheckpoint: string | undefined): Promise<Finding> {
  if (knownCheckpoint === undefined)
    return notChecked("Pass a checkpoint that you have kept to see that the log continues it.");
  const known = parseCheckpoint(knownCheckpoint);
  const { checkpoint, tree } = log;
  expectThat(known.origin === checkpoint.origin, `The checkpoint that you have kept is of ${known.origin}.`);
  expectThat(
    known.size <= checkpoint.size,
    `The log was cut off: it had ${known.size} entries, and the receipt's checkpoint has ${checkpoint.size}.`,
  );
  const proof =
    known.size === 0 || known.size === checkpoint.size ? [] : await tree.proveConsistency(known.size);
  expectThat(
    isConsistent(known, checkpoint, proof),
    `The log was written anew: its first ${known.size} entries are not those that it has signed before.`,
  );
  return passed(`The log continues the checkpoint with ${known.size} entries that you have kept.`);
}
