import type { Database, DatabaseTransaction } from "@obsqra/db";
import { type HashTile, splitHashes, type TileHash } from "@obsqra/receipts";
import { sql } from "kysely";
import { arrayColumn } from "../../market/array-column.ts";

/** What is to be appended, in order. */
export interface NewLogEntry {
  readonly type: string;
  readonly subject: string;
  /** Canonical JSON. */
  readonly text: string;
}

/** Lets one process at a time append to the log; the lock goes with the transaction. */
export async function lockLog(trx: DatabaseTransaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('transparency log', 0))`.execute(trx);
}

/** How many entries there are. */
export async function countEntries(db: Database): Promise<number> {
  const { rows } = await sql<{ size: number }>`
    select coalesce(max(leaf_index) + 1, 0)::float8 as size from log_entries`.execute(db);
  return rows[0]?.size ?? 0;
}

/** The subjects of a type that have an entry already, of some. */
export async function listLoggedSubjects(
  db: Database,
  type: string,
  subjects: readonly string[],
): Promise<{ subject: string; leaf_index: number }[]> {
  const { rows } = await sql<{ subject: string; leaf_index: number }>`
    select subject, leaf_index::float8 as leaf_index from log_entries
    where type = ${type} and subject = any(${[...subjects]}::text[])`.execute(db);
  return rows;
}

/** Appends entries. @returns the hashes of their leaves, in order */
export async function insertEntries(
  trx: DatabaseTransaction,
  from: number,
  entries: readonly NewLogEntry[],
): Promise<Uint8Array[]> {
  // As one value: a row for each would take as long as the insertion.
  const { rows } = await sql<{ leaf_hashes: Uint8Array | null }>`
    with added as (
      insert into log_entries (leaf_index, type, subject, entry)
      select ${from}::bigint + row.number - 1, row.type, row.subject, convert_to(row.text, 'UTF8')
      from unnest(${arrayColumn(entries, "text", ({ type }) => type)},
        ${arrayColumn(entries, "text", ({ subject }) => subject)},
        ${arrayColumn(entries, "text", ({ text }) => text)}) with ordinality as row (type, subject, text, number)
      returning leaf_index, leaf_hash)
    select string_agg(leaf_hash, ''::bytea order by leaf_index) as leaf_hashes from added`.execute(trx);
  return splitHashes(rows[0]?.leaf_hashes ?? new Uint8Array());
}

export async function insertHashes(trx: DatabaseTransaction, hashes: readonly TileHash[]): Promise<void> {
  if (hashes.length === 0) return;
  const rows = hashes.map(({ level, position, hash }) => ({ level, position: String(position), hash }));
  await trx.insertInto("log_hashes").values(rows).execute();
}

/** The bytes of a tile of hashes; shorter where the log does not have them all. */
export async function readHashTile(db: Database, { level, index, width }: HashTile): Promise<Uint8Array> {
  const first = index * 256;
  const from =
    level === 0
      ? sql`(select leaf_index as place, leaf_hash as hash from log_entries
          where leaf_index >= ${first} and leaf_index < ${first + width}) as hashes`
      : sql`(select position as place, hash from log_hashes
          where level = ${level} and position >= ${first} and position < ${first + width}) as hashes`;
  const { rows } = await sql<{ tile: Uint8Array | null }>`
    select string_agg(hash, ''::bytea order by place) as tile from ${from}`.execute(db);
  return rows[0]?.tile ?? new Uint8Array();
}

/** Some entries in order, as they are published. */
export async function listEntries(db: Database, from: number, count: number): Promise<Uint8Array[]> {
  const { rows } = await sql<{ entry: Uint8Array }>`
    select entry from log_entries where leaf_index >= ${from} and leaf_index < ${from + count}
    order by leaf_index`.execute(db);
  return rows.map(({ entry }) => entry);
}

/** The newest checkpoint; undefined before the first. */
export async function findCheckpoint(db: Database): Promise<{ note: string; signed_at: Date } | undefined> {
  return db
    .selectFrom("log_checkpoints")
    .select(["note", "signed_at"])
    .orderBy("size", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** Checkpoints of more than so many entries, the smallest first. */
export async function listCheckpointsAfter(
  db: Database,
  size: number,
  limit: number,
): Promise<{ size: number; note: string }[]> {
  const { rows } = await sql<{ size: number; note: string }>`
    select size::float8 as size, note from log_checkpoints where size > ${size} order by log_checkpoints.size limit ${limit}`.execute(
    db,
  );
  return rows;
}

export async function insertCheckpoint(
  trx: DatabaseTransaction,
  checkpoint: { readonly size: number; readonly note: string; readonly signed_at: Date },
): Promise<void> {
  await trx.insertInto("log_checkpoints").values(checkpoint).execute();
}

/** A key of the log with what it signs by. */
export interface LogKeyRow {
  readonly sequence: string;
  readonly verifier_key: string;
  readonly secret_sealed: Uint8Array;
}

/** The key that signs; undefined before the log has begun. */
export async function findLogKey(db: Database): Promise<LogKeyRow | undefined> {
  return db
    .selectFrom("log_keys")
    .select(["sequence", "verifier_key", "secret_sealed"])
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** All keys, the first first, with how each was announced. */
export async function listLogKeys(
  db: Database,
): Promise<{ verifier_key: string; announcement: string | null; created_at: Date }[]> {
  return db
    .selectFrom("log_keys")
    .select(["verifier_key", "announcement", "created_at"])
    .orderBy("sequence")
    .execute();
}

export async function insertLogKey(
  trx: DatabaseTransaction,
  key: {
    readonly verifier_key: string;
    readonly secret_sealed: Uint8Array;
    readonly leaf_index: number;
    readonly announcement: string | null;
    readonly created_at: Date;
  },
): Promise<void> {
  await trx.insertInto("log_keys").values(key).execute();
}

/** Replaces how a key is sealed, unless that has changed meanwhile. */
export async function replaceSealedLogKey(
  db: Database,
  { sequence, secret_sealed }: LogKeyRow,
  resealed: Uint8Array,
): Promise<void> {
  await db
    .updateTable("log_keys")
    .set({ secret_sealed: resealed })
    .where("sequence", "=", sequence)
    .where("secret_sealed", "=", secret_sealed)
    .execute();
}
