import type { Database } from "@obsqra/db";
import {
  areHashesEqual,
  type ChainBreak,
  type ChainEnd,
  followChain,
  hashContent,
  type ListedLog,
  toHex,
} from "@obsqra/platform";
import { type AccountSelection, getAccount, inPages } from "../operators/account-selection.service.ts";
import {
  findListedLog,
  type LogName,
  type LogOwner,
  listLogOwners,
  listLogsAfter,
} from "./chained-logs.queries.ts";

/** Whether a chain holds, and how far it goes. */
export interface ChainVerdict {
  /** Whose log it is; undefined for the list of all logs. */
  readonly user_id: string | undefined;
  readonly chain: ChainEnd | ChainBreak;
}

/** A kind of log, and how one of it is followed. */
export interface LogKind {
  readonly log: LogName;
  readonly verify: (account: Pick<LogOwner, "id" | "erased_at">) => Promise<ChainEnd | ChainBreak>;
}

/**
 * Follows a log of each of the selected accounts, one after the other, erased ones among them. For all accounts also the list
 * of logs, so that none is missing together with its account.
 *
 * @throws AccountCommandError when there is no such account
 */
export async function* verifyChains(
  { db }: { readonly db: Database },
  selection: AccountSelection,
  { log, verify }: LogKind,
): AsyncGenerator<ChainVerdict> {
  if (selection !== "all") {
    const account = await getAccount(db, selection);
    yield { user_id: account.id, chain: await verify(account) };
    return;
  }
  for await (const owner of inPages((page) => listLogOwners(db, { log, ...page }))) {
    const chain: ChainEnd | ChainBreak = owner.has_account
      ? await verify(owner)
      : { position: 1, fault: "owner" };
    yield { user_id: owner.id, chain };
  }
  yield { user_id: undefined, chain: await verifyList(db) };
}

/** How the list of logs describes the one of an owner; undefined when it does not have it. */
export async function getListedLog(
  deps: { readonly db: Database },
  log: { readonly log: LogName; readonly owner_id: string },
): Promise<ListedLog | undefined> {
  return findListedLog(deps.db, log);
}

function verifyList(db: Database): Promise<ChainEnd | ChainBreak> {
  return followChain({
    listAfter: (page) => listLogsAfter(db, page),
    isContentWhole: ({ position, log, owner_id, old_length, old_digest, content_hash }) => {
      const content = {
        position: Number(position),
        log,
        owner_id,
        old_length: Number(old_length),
        old_digest: toHex(old_digest),
      };
      return areHashesEqual(content_hash, hashContent(content));
    },
  });
}
