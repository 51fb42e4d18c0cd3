import type { Plan } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { type CreateId, writeTransaction } from "@obsqra/platform";
import { endAccountSessions } from "../account-access.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { verifyAuditChain } from "../audit/audit.service.ts";
import { auditWriter, noRequest } from "../audit/audit-event.ts";
import { type ChainVerdict, verifyChains } from "../audit/chained-logs.service.ts";
import {
  countLiveSessions,
  findOperatorSince,
  findPlan,
  listSignedInAccounts,
  lockOperatorRights,
  lockPlan,
  updateOperatorRights,
  updatePlan,
} from "./account-commands.queries.ts";
import {
  AccountCommandError,
  type AccountSelection,
  getAccount,
  inPages,
} from "./account-selection.service.ts";

/** What an operator's commands about accounts use. */
export interface AccountCommandDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly randomBytes: (size: number) => Uint8Array;
}

/**
 * Follows the audit logs of the selected accounts, one after the other, erased ones among them; for all, also the list of logs.
 *
 * @throws AccountCommandError when there is no such account
 */
export function verifyAuditLogs(
  deps: Pick<AccountCommandDependencies, "db">,
  selection: AccountSelection,
): AsyncGenerator<ChainVerdict> {
  return verifyChains(deps, selection, {
    log: "audit",
    verify: (account) => verifyAuditChain(deps, account),
  });
}

/**
 * Counts the live sessions of the selected accounts, and the accounts that have some.
 *
 * @throws AccountCommandError when there is no such account
 */
export async function countSessionsToEnd(
  { db, clock }: Pick<AccountCommandDependencies, "db" | "clock">,
  selection: AccountSelection,
): Promise<{ accounts: number; sessions: number }> {
  const userId = selection === "all" ? undefined : (await getAccount(db, selection)).id;
  return countLiveSessions(db, { userId, now: clock() });
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
 * Reads the plan of the account with an address.
 *
 * @throws AccountCommandError when no account has it
 */
export async function getPlan({ db }: Pick<AccountCommandDependencies, "db">, email: string): Promise<Plan> {
  const plan = await findPlan(db, email);
  if (plan === undefined) throw AccountCommandError.missing({ email });
  return plan;
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
  const audit = auditWriter({ ...deps, request: noRequest });
  await writeTransaction(deps, async (trx) => {
    const account = await lockPlan(trx, email);
    if (account === undefined) throw AccountCommandError.missing({ email });
    if (account.plan === plan) return;
    const { id: user_id } = account;
    await updatePlan(trx, { user_id, plan, now: deps.clock() });
    const details = { from: account.plan, to: plan };
    await insertAuditEvent(trx, audit({ user_id, type: "plan_changed_by_operator", details }));
  });
}

/**
 * Whether the account with an address is an operator's.
 *
 * @throws AccountCommandError when no account has it
 */
export async function isOperator(
  { db }: Pick<AccountCommandDependencies, "db">,
  email: string,
): Promise<boolean> {
  const found = await findOperatorSince(db, email);
  if (found === undefined) throw AccountCommandError.missing({ email });
  return found.operator_since !== null;
}

/**
 * Gives an account the rights of an operator, or withdraws them, from its next call on, and writes that into its audit log.
 * Nothing is written when it is so already.
 *
 * @throws AccountCommandError when no account has the address
 */
export async function setOperatorRights(
  deps: AccountCommandDependencies,
  { email, isGranted }: { readonly email: string; readonly isGranted: boolean },
): Promise<void> {
  const audit = auditWriter({ ...deps, request: noRequest });
  await writeTransaction(deps, async (trx) => {
    const account = await lockOperatorRights(trx, email);
    if (account === undefined) throw AccountCommandError.missing({ email });
    if ((account.operator_since !== null) === isGranted) return;
    const { id: user_id } = account;
    const now = deps.clock();
    await updateOperatorRights(trx, { user_id, since: isGranted ? now : null, now });
    const type = isGranted ? "operator_rights_granted" : "operator_rights_withdrawn";
    await insertAuditEvent(trx, audit({ user_id, type }));
  });
}

async function endSessionsOf(deps: AccountCommandDependencies, userId: string): Promise<number> {
  const audit = auditWriter({ ...deps, request: noRequest });
  return writeTransaction(deps, async (trx, emit) => {
    const ending = { user_id: userId, reason: "ended by an operator", now: deps.clock() } as const;
    const sessions = await endAccountSessions(trx, emit, ending);
    if (sessions > 0) {
      const event = { user_id: userId, type: "sessions_ended_by_operator", details: { sessions } } as const;
      await insertAuditEvent(trx, audit(event));
    }
    return sessions;
  });
}
