import {
  type Checkpoint,
  checkCosignature,
  isConsistent,
  parseCheckpoint,
  parseVerifierKey,
} from "@obsqra/receipts";
import { expectThat, type Finding, notChecked, passed } from "./check.ts";
import { type AnnouncedKey, checkLogSignature } from "./check-keys.ts";
import { momentOf } from "./moment-of.ts";
import type { CheckedLog } from "./read-log.ts";

/** What was committed to, and by when. */
export interface CommittedInTime {
  readonly witnessed_checkpoint: string | null;
  /** The moment that it speaks about. */
  readonly target_at: unknown;
  readonly index: number;
  readonly checkpoint: Checkpoint;
}

/**
 * That witnesses know a checkpoint with it since before the moment that it speaks about, and that the log continues it: of the
 * receipt's own checkpoint, where it names no other.
 *
 * @param believing.witnesses the witnesses that have to have cosigned, by their verifier keys
 * @param believing.keys the log's own
 */
export async function checkTime(
  { witnessed_checkpoint: text, target_at, index, checkpoint }: CommittedInTime,
  log: CheckedLog,
  believing: { readonly witnesses: readonly string[]; readonly keys: Promise<readonly AnnouncedKey[]> },
): Promise<Finding> {
  const { witnesses, keys } = believing;
  if (witnesses.length === 0) {
    return notChecked(
      text === null
        ? "Self-attested: no witness has cosigned, so that when it was committed is the service's own word."
        : `${parseCheckpoint(text).note.signatures.length - 1} witnesses have cosigned. Name those that you know to have it checked: until then it is the service's own word.`,
    );
  }
  const witnessed = text === null ? checkpoint : parseCheckpoint(text);
  if (text !== null) {
    checkLogSignature(witnessed, await keys);
    expectThat(
      index < witnessed.size,
      `The cosigned checkpoint has ${witnessed.size} entries, and this is entry ${index}.`,
    );
    await expectContinued(witnessed, log);
  }
  const moments = witnesses.map((witness) => momentOfCosignature(witnessed, witness));
  const latest = new Date(Math.max(...moments));
  expectThat(
    latest.getTime() < momentOf(target_at),
    `A witness knows the checkpoint only since ${latest.toISOString()}, and it speaks about ${String(target_at)}.`,
  );
  return passed(
    `${moments.length} witnesses know the checkpoint with ${witnessed.size} entries since ${latest.toISOString()}, before ${String(target_at)}.`,
  );
}

/** The log has one tree only: that of the receipt continues the one that witnesses know. */
async function expectContinued(witnessed: Checkpoint, { checkpoint, tree }: CheckedLog): Promise<void> {
  const { size, origin } = witnessed;
  expectThat(
    origin === checkpoint.origin && size <= checkpoint.size,
    "The cosigned checkpoint is of another log, or a later one than the receipt's.",
  );
  const proof = size === 0 || size === checkpoint.size ? [] : await tree.proveConsistency(size);
  expectThat(
    isConsistent(witnessed, checkpoint, proof),
    "The witnesses know another tree than the one that you are shown: the log has two views.",
  );
}

function momentOfCosignature({ note }: Checkpoint, witness: string): number {
  const cosigned = checkCosignature(note, parseVerifierKey(witness));
  expectThat(cosigned !== "absent", `The witness ${witness} has not cosigned the checkpoint.`);
  expectThat(cosigned !== "invalid", `The cosignature of ${witness} does not hold.`);
  return cosigned.getTime();
}
