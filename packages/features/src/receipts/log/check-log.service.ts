import type { Database } from "@obsqra/db";
import {
  areEqual,
  checkSignature,
  MalformedError,
  parseCheckpoint,
  parseVerifierKey,
} from "@obsqra/receipts";
import { openLog } from "./append-log.service.ts";
import { countEntries, findCheckpoint, listLogKeys } from "./log.queries.ts";
import { LogChangedError } from "./log-changed-error.ts";

/**
 * Makes sure that the log continues the last checkpoint that it has signed, so that nothing is ever signed that does not: at a start. It
 * reads the hashes above the leaves, as many as a proof takes; `verifyLog` reads every entry.
 *
 * @throws LogChangedError
 */
export async function assertLogContinues({ db }: { readonly db: Database }): Promise<void> {
  const newest = await findCheckpoint(db);
  const count = await countEntries(db);
  if (newest === undefined) {
    if (count > 0) throw new LogChangedError(`It has ${count} entries, and no checkpoint of them.`);
    return;
  }
  const checkpoint = parseCheckpoint(newest.note);
  const keys = (await listLogKeys(db)).map(({ verifier_key }) => parseVerifierKey(verifier_key));
  if (!keys.some((key) => checkSignature(checkpoint.note, key) === "valid")) {
    throw new LogChangedError("Its last checkpoint is signed by none of its keys.");
  }
  const { size } = checkpoint;
  if (count < size) throw new LogChangedError(`It has ${count} entries, and has signed ${size}.`);
  const root = await readRoot(db, size);
  if (root === undefined || !areEqual(root, checkpoint.root)) {
    throw new LogChangedError(`Its first ${size} entries are not those that it has signed.`);
  }
}

/** @returns undefined where hashes are missing */
async function readRoot(db: Database, size: number): Promise<Uint8Array | undefined> {
  try {
    return await openLog(db, size).root();
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
