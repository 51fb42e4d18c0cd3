import type { Database } from "@obsqra/db";
import { appendToLog, type LogDependencies, nextLogMoment, toLogEntry } from "../log/append-log.service.ts";
import { listLoggedSubjects, lockLog } from "../log/log.queries.ts";
import { LogChangedError } from "../log/log-changed-error.ts";
import {
  type ChainHead,
  findNewestHeadsMoment,
  type HeadsEntry,
  hasChainGoneOn,
  insertChainHeads,
  listChainHeads,
  listHeadsEntries,
  listKeptHeads,
} from "./chain-heads.queries.ts";
import { headsContent, rootOfChains } from "./chain-heads.ts";

/**
 * Commits to where every chain of a user ends, those of transactions and those of security events, if one has gone on: once a day (UTC),
 * so that nobody sees from the log when somebody does something.
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
    const heads = await listChainHeads(trx);
    const content = await headsContent(heads, loggedAt.toISOString());
    await appendToLog(trx, deps, { entries: [toLogEntry(content, loggedAt)], loggedAt });
    const [logged] = await listLoggedSubjects(trx, content.type, [content.subject]);
    if (logged === undefined) throw new Error("The entry about chains is not in the log.");
    await insertChainHeads(trx, heads, logged.leaf_index);
    return heads.length;
  });
}

async function isDue(db: Database, now: Date): Promise<boolean> {
  const newest = await findNewestHeadsMoment(db);
  if (newest !== undefined && dayOf(newest) >= dayOf(now)) return false;
  return hasChainGoneOn(db);
}

function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
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

async function verifyEntry(
  db: Database,
  { leaf_index, entry }: HeadsEntry,
  heads: Map<number, ChainHead>,
): Promise<void> {
  const { root, chains, logged_at } = JSON.parse(Buffer.from(entry).toString());
  for (const { is_there, ...head } of await listKeptHeads(db, leaf_index)) {
    heads.set(head.chain, head);
    if (is_there) continue;
    throw new LogChangedError(
      `The ${nouns[head.log]} of ${head.owner_id} does not have the entry ${head.position} that it ended with at ${logged_at}: it was cut off, or written anew.`,
    );
  }
  const inOrder = [...heads.values()].sort((left, right) => left.chain - right.chain);
  if ((await rootOfChains(inOrder, logged_at)) !== root || inOrder.length !== chains) {
    throw new LogChangedError(
      `Its entry ${leaf_index} commits to ${chains} chains as of ${logged_at}, which are not those that were kept.`,
    );
  }
}
