import type { Database, DatabaseTransaction } from "@obsqra/db";
import { sql } from "kysely";
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

/** Whether a chain has begun, or gone on, since the log has committed to where it ended. */
export async function hasChainGoneOn(db: Database): Promise<boolean> {
  const { rows } = await sql`
    select from chained_logs as listed where not exists (
      select from log_chain_heads as head where head.chain = listed.position and head.position = listed.end_position
        and head.hash = listed.end_hash)
    limit 1`.execute(db);
  return rows.length > 0;
}

/** Where all chains end, in the order in which they were begun. */
export async function listChainHeads(db: Database): Promise<ChainHead[]> {
  // As one value, which is read faster than thousands of rows.
  const { rows } = await sql<{ heads: ChainHead[] | null }>`
    select json_agg(json_build_object('chain', position, 'log', log, 'owner_id', owner_id, 'position', end_position,
      'hash', encode(end_hash, 'hex')) order by position) as heads from chained_logs`.execute(db);
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

/** The newest entry about chains with all that it commits to, and the newest checkpoint, which covers it. */
interface LoggedHeads extends HeadsEntry {
  readonly heads: readonly ChainHead[];
  readonly checkpoint: string;
  /** The cosigned checkpoint that shows best when the entry was there; null where none is. */
  readonly witnessed_checkpoint: string | null;
}

export async function findLoggedHeads(db: Database): Promise<LoggedHeads | undefined> {
  const { rows } = await sql<LoggedHeads>`
    select logged.leaf_index::float8 as leaf_index, logged.entry,
      (select note from log_checkpoints order by size desc limit 1) as checkpoint,
      ${witnessedNote(sql`logged.leaf_index`, sql`'infinity'::timestamptz`)} as witnessed_checkpoint,
      (
        select json_agg(json_build_object('chain', head.chain, 'log', listed.log, 'owner_id', listed.owner_id,
          'position', head.position, 'hash', encode(head.hash, 'hex')) order by head.chain)
        from (select distinct on (chain) chain, position, hash from log_chain_heads order by chain, leaf_index desc) as head
          join chained_logs as listed on listed.position = head.chain
      ) as heads
    from (
      select leaf_index, entry from log_entries where type = 'chain_heads' order by subject desc limit 1
    ) as logged`.execute(db);
  return rows[0];
}
