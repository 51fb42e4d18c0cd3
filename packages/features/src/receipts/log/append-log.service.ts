import type { Database, DatabaseTransaction } from "@obsqra/db";
import type { Sealer } from "@obsqra/platform";
import {
  appendToTiles,
  canonicalJson,
  formatTlogProof,
  formatVerifierKey,
  fromBase64,
  logKeyOf,
  openTileTree,
  parseVerifierKey,
  type ReadTile,
  signCheckpoint,
  type TileTree,
  toBase64,
} from "@obsqra/receipts";
import {
  countEntries,
  findCheckpoint,
  findLogKey,
  insertCheckpoint,
  insertEntries,
  insertHashes,
  insertLogKey,
  type LogKeyRow,
  lockLog,
  type NewLogEntry,
  readHashTile,
  replaceSealedLogKey,
} from "./log.queries.ts";

/** What writing the log uses. */
export interface LogDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly sealer: Sealer;
  readonly randomBytes: (size: number) => Uint8Array;
  /** The origin that users see; the log is named after it when it begins. */
  readonly publicUrl: string;
}

/** What an entry says, and what it is found by. */
export interface LogContent {
  readonly type: string;
  readonly subject: string;
  readonly content: object;
}

/** A tree as the database has it. */
export function openLog(db: Database, size: number): TileTree {
  return openTileTree(size, readTileOf(db));
}

/**
 * When entries are logged that are appended now: never before those that are there, whatever the clock says. Hold {@link lockLog} before.
 */
export async function nextLogMoment(trx: DatabaseTransaction, { clock }: LogDependencies): Promise<Date> {
  const newest = await findCheckpoint(trx);
  return new Date(Math.max(clock().getTime(), newest?.signed_at.getTime() ?? 0));
}

/**
 * Appends entries, in order, and signs the tree that they make. The caller holds {@link lockLog}.
 *
 * @param loggedAt from {@link nextLogMoment}, which the entries say, too
 */
export async function appendToLog(
  trx: DatabaseTransaction,
  deps: LogDependencies,
  { entries, loggedAt }: { readonly entries: readonly NewLogEntry[]; readonly loggedAt: Date },
): Promise<void> {
  if (entries.length === 0) return;
  await beginLog(trx, deps, loggedAt);
  await append(trx, entries);
  await sign(trx, deps, loggedAt);
}

/**
 * Replaces the key that signs. The new one is announced by an entry whose checkpoint the old one signs, so that whoever knows the old
 * one can follow.
 *
 * @returns the new key as C2SP signed-note writes it
 */
export async function rotateLogKey(deps: LogDependencies): Promise<string> {
  return deps.db.transaction().execute(async (trx) => {
    await lockLog(trx);
    const loggedAt = await nextLogMoment(trx, deps);
    await beginLog(trx, deps, loggedAt);
    const { verifier_key: previous } = await getLogKey(trx);
    const { name } = parseVerifierKey(previous);
    const key = await announceKey(trx, deps, { name, previous, loggedAt });
    const { note, tree } = await sign(trx, deps, loggedAt);
    const proof = await tree.proveInclusion(key.leaf_index);
    const announcement = formatTlogProof({ index: key.leaf_index, proof, checkpoint: note });
    await insertLogKey(trx, { ...key, announcement });
    return key.verifier_key;
  });
}

/**
 * Makes the first key and announces it in the first entry, unless the log has begun. It is named after the address of the service on that
 * day, and keeps its name.
 */
async function beginLog(trx: DatabaseTransaction, deps: LogDependencies, loggedAt: Date): Promise<void> {
  if ((await findLogKey(trx)) !== undefined) return;
  const name = `${new URL(deps.publicUrl).host}/log`;
  const key = await announceKey(trx, deps, { name, previous: null, loggedAt });
  await insertLogKey(trx, { ...key, announcement: null });
}

/** @returns the index of the first of them */
async function append(trx: DatabaseTransaction, entries: readonly NewLogEntry[]): Promise<number> {
  const from = await countEntries(trx);
  const leafHashes = await insertEntries(trx, from, entries);
  await insertHashes(trx, await appendToTiles(from, leafHashes, readTileOf(trx)));
  return from;
}

/** An entry as it is published. */
export function toLogEntry({ type, subject, content }: LogContent, loggedAt: Date): NewLogEntry {
  return { type, subject, text: canonicalJson({ ...content, type, logged_at: loggedAt.toISOString() }) };
}

async function announceKey(
  trx: DatabaseTransaction,
  { randomBytes, sealer }: LogDependencies,
  rotation: { readonly name: string; readonly previous: string | null; readonly loggedAt: Date },
) {
  const { name, previous, loggedAt } = rotation;
  const secretKey = randomBytes(32);
  const verifier_key = formatVerifierKey(logKeyOf(name, secretKey));
  const announced = { type: "log_key", subject: verifier_key, content: { verifier_key, previous } };
  const leaf_index = await append(trx, [toLogEntry(announced, loggedAt)]);
  return { verifier_key, secret_sealed: sealer.seal(toBase64(secretKey)), leaf_index, created_at: loggedAt };
}

/** Signs the tree as it is. */
async function sign(
  trx: DatabaseTransaction,
  { sealer }: LogDependencies,
  signed_at: Date,
): Promise<{ readonly note: string; readonly tree: TileTree }> {
  const { verifier_key, secret_sealed } = await getLogKey(trx);
  const tree = openLog(trx, await countEntries(trx));
  const secretKey = fromBase64(sealer.open(secret_sealed));
  const { name } = parseVerifierKey(verifier_key);
  const note = signCheckpoint(name, { size: tree.size, root: await tree.root() }, secretKey);
  await insertCheckpoint(trx, { size: tree.size, note, signed_at });
  return { note, tree };
}

async function getLogKey(trx: DatabaseTransaction): Promise<LogKeyRow> {
  const key = await findLogKey(trx);
  if (key === undefined) throw new Error("The log has no key to sign with.");
  return key;
}

/** Whether the key that signs can be opened, which is sealed with the service's secret; true before there is one. */
export async function canSignLog({ db, sealer }: Pick<LogDependencies, "db" | "sealer">): Promise<boolean> {
  const key = await findLogKey(db);
  if (key === undefined) return true;
  try {
    sealer.open(key.secret_sealed);
    return true;
  } catch {
    return false;
  }
}

/** Seals the log's key with the newest secret, so that earlier ones may go. @returns whether there was something to do */
export async function renewLogKeySeal({
  db,
  sealer,
}: Pick<LogDependencies, "db" | "sealer">): Promise<boolean> {
  const key = await findLogKey(db);
  const resealed = key && sealer.reseal(key.secret_sealed);
  if (key === undefined || resealed === undefined) return false;
  await replaceSealedLogKey(db, key, resealed);
  return true;
}

function readTileOf(db: Database): ReadTile {
  return (tile) => readHashTile(db, tile);
}
