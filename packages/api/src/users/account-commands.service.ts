import type { Database } from "@obsqra/db";
import { recordEvent, verifyAuditChain } from "../audit/audit.service.ts";
import type { ChainBreak, ChainEnd } from "../audit/audit-chain.ts";
import { noRequest } from "../audit/audit-event.ts";
import { endAccountSessions } from "../auth/account-access.service.ts";
import type { CreateId } from "../create-id.ts";
import {
  type AccountRow,
  findAccountByEmail,
  listAccounts,
  listSignedInAccounts,
} from "./account-commands.queries.ts";

/** What an operator asks for cannot be done; the message says why. */
export class AccountCommandError extends Error {
  override readonly name = "AccountCommandError";
}

/** What an operator's commands about accounts use. */
export interface AccountCommandDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly randomBytes: (size: number) => Uint8Array;
}

/** One account, or all of them. */
export type AccountSelection = { readonly email: string } | "all";

const accountsAtOnce = 500;

/**
 * Follows the audit logs of the selected accounts, one after the other, erased ones among them.
 *
 * @throws AccountCommandError when no account has the address
 */
export async function* verifyAuditLogs(
  deps: Pick<AccountCommandDependencies, "db">,
  selection: AccountSelection,
): AsyncGenerator<{ user_id: string; chain: ChainEnd | ChainBreak }> {
  const accounts =
    selection === "all"
      ? inPages((page) => listAccounts(deps.db, page))
      : [await getAccount(deps.db, selection.email)];
  for await (const account of accounts) {
    yield { user_id: account.id, chain: await verifyAuditChain(deps, account) };
  }
}

/**
 * Ends the live sessions of the selected accounts and writes that into the audit logs of those that had some.
 *
 * @returns how many accounts had sessions, and how many sessions there were
 * @throws AccountCommandError when no account has the address
 */
export async function endSessionsByOperator(
  deps: AccountCommandDependencies,
  selection: AccountSelection,
): Promise<{ accounts: number; sessions: number }> {
  const now = deps.clock();
  const accounts =
    selection === "all"
      ? inPages((page) => listSignedInAccounts(deps.db, { ...page, now }))
      : [await getAccount(deps.db, selection.email)];
  const ended = { accounts: 0, sessions: 0 };
  for await (const { id } of accounts) {
    const sessions = await endSessionsOf(deps, id);
    if (sessions > 0) ended.accounts += 1;
    ended.sessions += sessions;
  }
  return ended;
}

async function endSessionsOf(deps: AccountCommandDependencies, userId: string): Promise<number> {
  return deps.db.transaction().execute(async (trx) => {
    const within = { ...deps, db: trx, request: noRequest };
    const sessions = await endAccountSessions(within, { user_id: userId, reason: "ended by an operator" });
    if (sessions > 0) {
      const event = { user_id: userId, type: "sessions_ended_by_operator", details: { sessions } } as const;
      await recordEvent(within, event);
    }
    return sessions;
  });
}

async function getAccount(db: Database, email: string): Promise<AccountRow> {
  const account = await findAccountByEmail(db, email);
  if (account === undefined) throw new AccountCommandError(`No account has the address ${email}.`);
  return account;
}

/** Goes through a list that is ordered by id. */
async function* inPages<TAccount extends { readonly id: string }>(
  list: (page: { readonly after: string | undefined; readonly limit: number }) => Promise<TAccount[]>,
): AsyncGenerator<TAccount> {
  let page: TAccount[] = [];
  do {
    page = await list({ after: page.at(-1)?.id, limit: accountsAtOnce });
    yield* page;
  } while (page.length === accountsAtOnce);
}
