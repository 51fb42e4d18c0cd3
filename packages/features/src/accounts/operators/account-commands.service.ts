import type { Plan } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { ChainBreak, ChainEnd, CreateId } from "@obsqra/platform";
import { writeTransaction } from "@obsqra/platform";
import { verifyTransactionChain } from "../../transactions/transaction-entries.service.ts";
import { endAccountSessions } from "../account-access.service.ts";
import { recordEvent, verifyAuditChain } from "../audit/audit.service.ts";
import { noRequest } from "../audit/audit-event.ts";
import {
  type AccountRow,
  findAccount,
  listAccounts,
  listSignedInAccounts,
  lockPlan,
  updatePlan,
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
export type AccountSelection = { readonly email: string } | { readonly id: string } | "all";

/** Whether a chain of an account holds, and how far it goes. */
export interface ChainVerdict {
  readonly user_id: string;
  readonly chain: ChainEnd | ChainBreak;
}

const accountsAtOnce = 500;

/**
 * Follows the audit logs of the selected accounts, one after the other, erased ones among them.
 *
 * @throws AccountCommandError when there is no such account
 */
export function verifyAuditLogs(
  deps: Pick<AccountCommandDependencies, "db">,
  selection: AccountSelection,
): AsyncGenerator<ChainVerdict> {
  return verifyChains(deps, selection, (account) => verifyAuditChain(deps, account));
}

/**
 * Follows the logs of transactions of the selected accounts, one after the other, erased ones among them.
 *
 * @throws AccountCommandError when there is no such account
 */
export function verifyTransactionLogs(
  deps: Pick<AccountCommandDependencies, "db">,
  selection: AccountSelection,
): AsyncGenerator<ChainVerdict> {
  return verifyChains(deps, selection, ({ id }) => verifyTransactionChain(deps, id));
}

/**
 * Ends the live sessions of the selected accounts and writes that into the audit logs of those that had some.
 *
 * @returns how many accounts had sessions, and how many sessions there were
 * @throws AccountCommandError when there is no such account
 */
export async function endSessionsByOperator(
  deps: AccountCommandDependencies,
  selection: AccountSelection,
): Promise<{ accounts: number; sessions: number }> {
  const now = deps.clock();
  const accounts =
    selection === "all"
      ? inPages((page) => listSignedInAccounts(deps.db, { ...page, now }))
      : [await getAccount(deps.db, selection)];
  const ended = { accounts: 0, sessions: 0 };
  for await (const { id } of accounts) {
    const sessions = await endSessionsOf(deps, id);
    if (sessions > 0) ended.accounts += 1;
    ended.sessions += sessions;
  }
  return ended;
}

/**
 * Gives an account another plan, from its next call on, and writes that into its audit log. Nothing is written when it has
 * that plan already.
 *
 * @throws AccountCommandError when no account has the address
 */
export async function setPlanByOperator(
  deps: AccountCommandDependencies,
  { email, plan }: { readonly email: string; readonly plan: Plan },
): Promise<void> {
  await deps.db.transaction().execute(async (trx) => {
    const account = await lockPlan(trx, email);
    if (account === undefined) throw noSuchAccount({ email });
    if (account.plan === plan) return;
    await updatePlan(trx, { user_id: account.id, plan, now: deps.clock() });
    const details = { from: account.plan, to: plan };
    const event = { user_id: account.id, type: "plan_changed_by_operator", details } as const;
    await recordEvent({ ...deps, db: trx, request: noRequest }, event);
  });
}

async function endSessionsOf(deps: AccountCommandDependencies, userId: string): Promise<number> {
  return writeTransaction(deps, async (trx, emit) => {
    const within = { ...deps, db: trx, request: noRequest };
    const ending = { user_id: userId, reason: "ended by an operator", now: deps.clock() } as const;
    const sessions = await endAccountSessions(trx, emit, ending);
    if (sessions > 0) {
      const event = { user_id: userId, type: "sessions_ended_by_operator", details: { sessions } } as const;
      await recordEvent(within, event);
    }
    return sessions;
  });
}

async function* verifyChains(
  { db }: Pick<AccountCommandDependencies, "db">,
  selection: AccountSelection,
  verify: (account: AccountRow) => Promise<ChainEnd | ChainBreak>,
): AsyncGenerator<ChainVerdict> {
  const accounts =
    selection === "all" ? inPages((page) => listAccounts(db, page)) : [await getAccount(db, selection)];
  for await (const account of accounts) yield { user_id: account.id, chain: await verify(account) };
}

async function getAccount(db: Database, selection: Exclude<AccountSelection, "all">): Promise<AccountRow> {
  const account = await findAccount(db, selection);
  if (account === undefined) throw noSuchAccount(selection);
  return account;
}

function noSuchAccount(selection: Exclude<AccountSelection, "all">): AccountCommandError {
  return new AccountCommandError(
    "email" in selection
      ? `No account has the address ${selection.email}.`
      : `No account has the id ${selection.id}.`,
  );
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
