import type { Database, DatabaseTransaction } from "@obsqra/db";
import { bytesToHex, type HashTile, type TileHash, tileWidth } from "@obsqra/receipts";
import { type RawBuilder, sql } from "kysely";
import { arrayColumn } from "../../market/array-column.ts";
import { witnessedNote } from "../witnesses/cosignatures.queries.ts";

/** Where a chain of a user ends. */
export interface ChainHead {
  /** Its place among all chains. */
  readonly chain: number;
  readonly log: "audit" | "transactions";
  readonly owner_id: string;
  /** Of its newest entry. */
  readonly position: number;
  /** Of that entry, hexadecimal. */
  readonly hash: string;
}

/** What the log has committed to. */
export interface HeadsEntry {
  readonly leaf_index: number;
  readonly entry: Uint8Array;
}

/** The newest entry about chains; undefined before the first. Its subject is when it was logged. */
export async function findNewestHeadsMoment(db: Database): Promise<Date | undefined> {
  const { rows } = await sql<{ subject: string }>`
    select subject from log_entries where type = 'chain_heads' order by log_entries.subject desc limit 1`.execute(
    db,
  );
  const [newest] = rows;
  return newest && new Date(newest.subject);
}

/** Whether there is a chain of anybody. */
export async function hasChains(db: Database): Promise<boolean> {
  const { rows } = await sql`select from chained_logs limit 1`.execute(db);
  return rows.length > 0;
}

/** Where chains end, in the order in which they were begun, after one of them. */
export async function listChainHeads(
  db: Database,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<ChainHead[]> {
  // As one value, which is read faster than thousands of rows.
  const { rows } = await sql<{ heads: ChainHead[] | null }>`
    select json_agg(json_build_object('chain', position, 'log', log, 'owner_id', owner_id, 'position', end_position,
      'hash', encode(end_hash, 'hex')) order by position) as heads
    from (select * from chained_logs where position > ${after} order by position limit ${limit}) as listed`.execute(
    db,
  );
  return rows[0]?.heads ?? [];
}

/** Keeps where chains ended that had gone on since the entry before. */
export async function insertChainHeads(
  trx: DatabaseTransaction,
  heads: readonly ChainHead[],
  leafIndex: number,
): Promise<void> {
  await sql`
    insert into log_chain_heads (leaf_index, chain, position, hash)
    select ${leafIndex}::bigint, row.chain::bigint, row.position::bigint, decode(row.hash, 'hex')
    from unnest(${arrayColumn(heads, "float8", ({ chain }) => chain)},
      ${arrayColumn(heads, "float8", ({ position }) => position)},
      ${arrayColumn(heads, "text", ({ hash }) => hash)}) as row (chain, position, hash)
    where not exists (
      select from log_chain_heads as head where head.chain = row.chain::bigint and head.position = row.position::bigint
        and head.hash = decode(row.hash, 'hex'))`.execute(trx);
}

/** The entries about chains after one, the first first. */
export async function listHeadsEntries(db: Database, after: number, limit: number): Promise<HeadsEntry[]> {
  const { rows } = await sql<HeadsEntry>`
    select leaf_index::float8 as leaf_index, entry from log_entries
    where type = 'chain_heads' and leaf_index > ${after} order by log_entries.subject limit ${limit}`.execute(
    db,
  );
  return rows;
}

/** A chain as it was kept with an entry, and whether it still has what it ended with then. */
interface KeptHead extends ChainHead {
  readonly is_there: boolean;
}

/** What was kept with an entry about chains. */
export async function listKeptHeads(db: Database, leafIndex: number): Promise<KeptHead[]> {
  const { rows } = await sql<KeptHead>`
    select head.chain::float8 as chain, listed.log, listed.owner_id, head.position::float8 as position,
      encode(head.hash, 'hex') as hash,
      case listed.log
        when 'audit' then exists (select from audit_events as event
          where event.user_id = listed.owner_id and event.position = head.position and event.hash = head.hash)
        else exists (select from transaction_statuses as entry
          where entry.owner_id = listed.owner_id and entry.position = head.position and entry.hash = head.hash)
      end as is_there
    from log_chain_heads as head join chained_logs as listed on listed.position = head.chain
    where head.leaf_index = ${leafIndex} order by head.chain`.execute(db);
  return rows;
}

/** The newest entry about chains that proofs can be given for, with the chains of a user, and the newest checkpoint, which covers it. */
interface LoggedHeads extends HeadsEntry {
  /** Where the user's ended. */
  readonly own: readonly ChainHead[] | null;
  readonly checkpoint: string;
  /** The cosigned checkpoint that shows best when the entry was there; null where none is. */
  readonly witnessed_checkpoint: string | null;
}

export async function findLoggedHeads(db: Database, ownerId: string): Promise<LoggedHeads | undefined> {
  const { rows } = await sql<LoggedHeads>`
    select logged.leaf_index::float8 as leaf_index, logged.entry,
      (select note from log_checkpoints order by size desc limit 1) as checkpoint,
      ${witnessedNote(sql`logged.leaf_index`, sql`'infinity'::timestamptz`)} as witnessed_checkpoint,
      ${headsAsOf(sql`logged.leaf_index`, sql`listed.owner_id = ${ownerId} and listed.log in ('audit', 'transactions')`)} as own
    from (
      select leaf_index, entry from log_entries as newest
      where type = 'chain_heads' and (${countOfChains} < ${tileWidth} or ${hasHashes}) order by subject desc limit 1
    ) as logged`.execute(db);
  return rows[0];
}

const countOfChains = sql`(convert_from(newest.entry, 'UTF8')::json->>'chains')::float8`;
const hasHashes = sql`exists (select from log_chain_hashes as kept where kept.leaf_index = newest.leaf_index)`;

/** Where some chains ended when an entry was logged, in their order. */
function headsAsOf(
  leafIndex: RawBuilder<unknown>,
  chosen: RawBuilder<unknown>,
): RawBuilder<ChainHead[] | null> {
  return sql`(
    select json_agg(json_build_object('chain', listed.position, 'log', listed.log, 'owner_id', listed.owner_id,
      'position', head.position, 'hash', encode(head.hash, 'hex')) order by listed.position)
    from chained_logs as listed cross join lateral (
      select position, hash from log_chain_heads where chain = listed.position and log_chain_heads.leaf_index <= ${leafIndex}
      order by log_chain_heads.leaf_index desc limit 1
    ) as head
    where ${chosen})`;
}

/** Where the chains of a tile ended when an entry was logged, in their order. */
export async function listHeadsOfTile(
  db: Database,
  leafIndex: number,
  { index, width }: Pick<HashTile, "index" | "width">,
): Promise<readonly ChainHead[]> {
  // Chains are counted from 1, without gaps.
  const first = index * tileWidth + 1;
  const chosen = sql`listed.position between ${first} and ${first + width - 1}`;
  const { rows } = await sql<{ heads: readonly ChainHead[] | null }>`
    select ${headsAsOf(sql`${leafIndex}::bigint`, chosen)} as heads`.execute(db);
  return rows[0]?.heads ?? [];
}

/** The newest entry about chains that no hashes were kept with, though its tree has some above its leaves. */
export async function findHeadsWithoutHashes(db: Database): Promise<HeadsEntry | undefined> {
  const { rows } = await sql<HeadsEntry>`
    select leaf_index::float8 as leaf_index, entry from (
      select * from log_entries where type = 'chain_heads' order by subject desc limit 1
    ) as newest where ${countOfChains} >= ${tileWidth} and not ${hasHashes}`.execute(db);
  return rows[0];
}

/** Keeps the hashes above the leaves of the tree that an entry commits to. */
export async function insertChainHashes(
  trx: DatabaseTransaction,
  leafIndex: number,
  hashes: readonly TileHash[],
): Promise<void> {
  await sql`
    insert into log_chain_hashes (leaf_index, level, position, hash)
    select ${leafIndex}::bigint, row.level, row.position::bigint, decode(row.hash, 'hex')
    from unnest(${arrayColumn(hashes, "integer", ({ level }) => level)},
      ${arrayColumn(hashes, "float8", ({ position }) => position)},
      ${arrayColumn(hashes, "text", ({ hash }) => bytesToHex(hash))}) as row (level, position, hash)`.execute(
    trx,
  );
}

/** The bytes of a tile of hashes above the leaves; shorter where they were not kept. */
export async function readChainHashes(
  db: Database,
  leafIndex: number,
  { level, index, width }: HashTile,
): Promise<Uint8Array> {
  const first = index * tileWidth;
  const { rows } = await sql<{ tile: Uint8Array | null }>`
    select string_agg(hash, ''::bytea order by position) as tile from log_chain_hashes
    where leaf_index = ${leafIndex} and level = ${level} and position >= ${first} and position < ${first + width}`.execute(
    db,
  );
  return rows[0]?.tile ?? new Uint8Array();
}
