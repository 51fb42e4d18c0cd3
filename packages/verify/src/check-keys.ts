import {
  areEqual,
  type Checkpoint,
  checkSignature,
  parseCheckpoint,
  parseTlogProof,
  parseVerifierKey,
  rootOfInclusion,
} from "@obsqra/receipts";
import { expectThat, type Finding, Mismatch, passed } from "./check.ts";
import { type CheckedLog, readBytes } from "./read-log.ts";
import type { Fetch } from "./verify-options.ts";

/** A key of a log, with the proof that the one before has signed its announcement; null for the first. */
export interface AnnouncedKey {
  readonly verifier_key: string;
  readonly announcement: string | null;
}

const keysBytesMax = 1_048_576;

/** The keys of a log, the first first. @throws Mismatch when they cannot be read */
export async function readKeys(logUrl: string, fetch: Fetch): Promise<AnnouncedKey[]> {
  const keys: unknown = JSON.parse(
    new TextDecoder().decode(await readBytes(`${logUrl}/keys`, keysBytesMax, fetch)),
  );
  if (!Array.isArray(keys) || keys.length === 0) throw new Mismatch("The log names no key.");
  return keys.map((key: AnnouncedKey) => {
    if (typeof key?.verifier_key !== "string") throw new Mismatch("A key of the log is malformed.");
    return { verifier_key: key.verifier_key, announcement: key.announcement ?? null };
  });
}

/**
 * Follows the keys of a log from the first: each is announced by an entry, and each but the first in a tree that the one before has signed.
 *
 * @param trustedKey one that is known from elsewhere, which has to be among them
 */
export async function checkKeys(
  keys: readonly AnnouncedKey[],
  log: CheckedLog,
  trustedKey: string | undefined,
): Promise<Finding> {
  let previous: string | null = null;
  for (const { verifier_key, announcement } of keys) {
    const index: number = previous === null ? 0 : checkAnnouncement(announcement, previous);
    const entry = await log.entry(index);
    expectThat(
      entry.type === "log_key" && entry.verifier_key === verifier_key && entry.previous === previous,
      `The key ${verifier_key} is not announced by entry ${index} as the successor of ${previous ?? "none"}.`,
    );
    if (previous !== null) await checkAnnounced(announcement ?? "", log, index);
    previous = verifier_key;
  }
  if (trustedKey === undefined) {
    return passed(
      `${count(keys)}, each announced in the log; that the first is the service's is its own word.`,
    );
  }
  expectThat(
    keys.some(({ verifier_key }) => verifier_key === trustedKey),
    `The log does not have the key that you know, ${trustedKey}: it was replaced without a trace.`,
  );
  return passed(`${count(keys)}, each announced in the log, and the one that you know among them.`);
}

/** That the key before has signed the tree with the announcement. @returns the announcing entry's index */
function checkAnnouncement(announcement: string | null, previous: string): number {
  expectThat(
    announcement !== null,
    `A key follows ${previous} without an announcement: it was replaced without a trace.`,
  );
  const { index, checkpoint } = parseTlogProof(announcement);
  const { note } = parseCheckpoint(checkpoint);
  expectThat(
    checkSignature(note, parseVerifierKey(previous)) === "valid",
    `The announcement of a key is not signed by the one before, ${previous}.`,
  );
  return index;
}

/** That the announcing entry is in the tree that was signed. */
async function checkAnnounced(announcement: string, log: CheckedLog, index: number): Promise<void> {
  const { proof, checkpoint } = parseTlogProof(announcement);
  const { size, root } = parseCheckpoint(checkpoint);
  const found = rootOfInclusion(await log.leafHash(index), { index, size }, proof);
  expectThat(areEqual(found, root), `Entry ${index} is not in the tree in which it announces a key.`);
}

/**
 * That the key of its time has signed a checkpoint. Each signs until the tree in which it announces the next one: whoever gets hold of it
 * later, which may be why it was replaced, can sign nothing that goes on from there.
 */
export function checkLogSignature(
  { note, origin, size }: Checkpoint,
  keys: readonly AnnouncedKey[],
): Finding {
  for (const [position, { verifier_key }] of keys.entries()) {
    const key = parseVerifierKey(verifier_key);
    const state = checkSignature(note, key);
    expectThat(state !== "invalid", `The signature of ${verifier_key} does not hold for the checkpoint.`);
    if (state === "absent" || key.name !== origin) continue;
    const next = keys[position + 1]?.announcement ?? null;
    const until = next === null ? undefined : announcedIn(next);
    expectThat(
      until === undefined || size <= until,
      `The checkpoint with ${size} entries is signed by ${verifier_key}, which was replaced at ${until}.`,
    );
    return passed(`The checkpoint of ${origin} with ${size} entries is signed by ${verifier_key}.`);
  }
  throw new Mismatch("The checkpoint is signed by none of the log's keys.");
}

/** How many entries the tree has in which a key is announced. */
function announcedIn(announcement: string): number {
  return parseCheckpoint(parseTlogProof(announcement).checkpoint).size;
}

function count(keys: readonly AnnouncedKey[]): string {
  return keys.length === 1 ? "1 key" : `${keys.length} keys`;
}
