import type { Database, DatabaseTransaction } from "@obsqra/db";
import { joinHashes, openTileTree, type TileTree, tileWidth } from "@obsqra/receipts";
import { z } from "zod";
import { appendToLog, type LogDependencies, nextLogMoment, toLogEntry } from "../log/append-log.service.ts";
import { listLoggedSubjects, lockLog } from "../log/log.queries.ts";
import { LogChangedError } from "../log/log-changed-error.ts";
import {
  type ChainHead,
  findHeadsWithoutHashes,
  findNewestHeadsMoment,
  type HeadsEntry,
  hasChains,
  insertChainHashes,
  insertChainHeads,
  listChainHeads,
  listHeadsEntries,
  listHeadsOfTile,
  listKeptHeads,
  readChainHashes,
} from "./chain-heads.queries.ts";
import { hashChain, hashChains } from "./chain-heads.ts";

/**
 * Commits to where every chain of a user ends, those of transactions and those of security events: once an hour, whether one has gone on or
 * not, so that nobody sees from the log when somebody does something.
 *
 * @returns how many chains; 0 where nothing was to be said
 */
export async function logChainHeads(deps: LogDependencies): Promise<number> {
  if (!(await isDue(deps.db, deps.clock()))) return 0;
  return deps.db.transaction().execute(async (trx) => {
    await lockLog(trx);
    const loggedAt = await nextLogMoment(trx, deps);
    // Another process may have been first.
    if (!(await isDue(trx, loggedAt))) return 0;
    const heads = await listAllHeads(trx);
    const logged_at = loggedAt.toISOString();
    const { root, hashes } = await hashChains(heads, logged_at);
    const content = { type: "chain_heads", subject: logged_at, content: { chains: heads.length, root } };
    await appendToLog(trx, deps, { entries: [toLogEntry(content, loggedAt)], loggedAt });
    const [logged] = await listLoggedSubjects(trx, content.type, [content.subject]);
    if (logged === undefined) throw new Error("The entry about chains is not in the log.");
    for (let start = 0; start < heads.length; start += chainsAtOnce) {
      await insertChainHeads(trx, heads.slice(start, start + chainsAtOnce), logged.leaf_index);
    }
    await insertChainHashes(trx, logged.leaf_index, hashes);
    return heads.length;
  });
}

/** So many are read and written at once, so that others have their turns in between. */
const chainsAtOnce = 4_096;

/** Where all chains end. Each that is read was the end at some moment of this transaction. */
async function listAllHeads(trx: DatabaseTransaction): Promise<ChainHead[]> {
  const heads: ChainHead[] = [];
  for (;;) {
    const read = await listChainHeads(trx, { after: heads.at(-1)?.chain ?? 0, limit: chainsAtOnce });
    for (const head of read) heads.push(head);
    if (read.length < chainsAtOnce) return heads;
  }
}

/** The tree over all chains that an entry commits to, read by the tiles that a proof takes. */
export function openChainsTree(
  db: Database,
  {
    leaf_index,
    chains,
    logged_at,
  }: { readonly leaf_index: number; readonly chains: number; readonly logged_at: string },
): TileTree {
  return openTileTree(chains, async (tile) => {
    if (tile.level > 0) return readChainHashes(db, leaf_index, tile);
    const heads = await listHeadsOfTile(db, leaf_index, tile);
    return joinHashes(heads.map((head) => hashChain(head, logged_at)));
  });
}

/**
 * Keeps the hashes of the newest entry about chains, where a server of a version that kept none has written it.
 *
 * @returns whether there was something to do
 */
export async function keepChainHashes({ db }: { readonly db: Database }): Promise<boolean> {
  if ((await findHeadsWithoutHashes(db)) === undefined) return false;
  return db.transaction().execute(async (trx) => {
    await lockLog(trx);
    // Another process may have been first.
    const found = await findHeadsWithoutHashes(trx);
    if (found === undefined) return false;
    const { leaf_index } = found;
    const { chains, logged_at } = readEntry(found);
    const heads: ChainHead[] = [];
    for (let index = 0; index * tileWidth < chains; index += 1) {
      const width = Math.min(tileWidth, chains - index * tileWidth);
      heads.push(...(await listHeadsOfTile(trx, leaf_index, { index, width })));
    }
    const { hashes } = await hashChains(heads, logged_at);
    await insertChainHashes(trx, leaf_index, hashes);
    return true;
  });
}

/** What an entry about chains says. */
export function readEntry({ entry }: HeadsEntry): HeadsContent {
  return headsContent.parse(JSON.parse(Buffer.from(entry).toString()));
}

const headsContent = z.object({ chains: z.int(), root: z.string(), logged_at: z.string() });
type HeadsContent = z.output<typeof headsContent>;

async function isDue(db: Database, now: Date): Promise<boolean> {
  const newest = await findNewestHeadsMoment(db);
  if (newest !== undefined && hourOf(newest) >= hourOf(now)) return false;
  return hasChains(db);
}

/** By UTC. */
function hourOf(moment: Date): string {
  return moment.toISOString().slice(0, 13);
}

const entriesAtOnce = 500;

/**
 * Compares every entry about chains with what was kept of them, and that with the chains: each still has what it ended with.
 *
 * @returns how many entries there are
 * @throws LogChangedError for the first chain that was cut off or written anew, and for the first entry that does not go with what was kept
 */
export async function verifyChainHeads({ db }: { readonly db: Database }): Promise<number> {
  const heads = new Map<number, ChainHead>();
  let [count, after] = [0, -1];
  for (;;) {
    const entries = await listHeadsEntries(db, after, entriesAtOnce);
    for (const entry of entries) await verifyEntry(db, entry, heads);
    const last = entries.at(-1);
    if (last === undefined) return count;
    count += entries.length;
    after = last.leaf_index;
  }
}

const nouns = { audit: "audit log", transactions: "log of transactions" } as const;

async function verifyEntry(db: Database, logged: HeadsEntry, heads: Map<number, ChainHead>): Promise<void> {
  const { leaf_index } = logged;
  const { root, chains, logged_at } = readEntry(logged);
  for (const { is_there, ...head } of await listKeptHeads(db, leaf_index)) {
    heads.set(head.chain, head);
    if (is_there) continue;
    throw new LogChangedError(
      `The ${nouns[head.log]} of ${head.owner_id} does not have the entry ${head.position} that it ended with at ${logged_at}: it was cut off, or written anew.`,
    );
  }
  const inOrder = [...heads.values()].sort((left, right) => left.chain - right.chain);
  if ((await hashChains(inOrder, logged_at)).root !== root || inOrder.length !== chains) {
    throw new LogChangedError(
      `Its entry ${leaf_index} commits to ${chains} chains as of ${logged_at}, which are not those that were kept.`,
    );
  }
}
