import type { Database } from "@obsqra/db";
import { type Logger, latestMoment, readEvents, type WriteDependencies } from "@obsqra/platform";
import { type ChainReader, ChainUnavailableError, type TransactionOutcome } from "@obsqra/starknet";
import { ownsWallet } from "../accounts/wallets/wallets.service.ts";
import {
  hastenOpenTransactions,
  insertOpenTransactions,
  listDueTransactions,
  type OpenTransactionRow,
  updateOpenTransaction,
} from "./open-transactions.queries.ts";
import { recordTransactionStatus, type StatusChange } from "./transaction-entries.service.ts";

/** What asking the chain about transactions uses. */
export interface ConfirmationDependencies extends WriteDependencies {
  readonly db: Database;
  readonly chain: ChainReader | undefined;
  /** The contracts of the protocols, as canonical felts; empty where nobody has said which they are. */
  readonly protocolContracts: ReadonlySet<string>;
  readonly log: Pick<Logger, "warn">;
}

/** How many transactions turned out how. */
export interface Confirmations {
  readonly confirmed: number;
  readonly unverified: number;
  readonly failed: number;
  readonly not_found: number;
  /** Still to be settled; they are asked about again. */
  readonly open: number;
  /** Whether the node did not respond, so that the rest has to wait. */
  readonly is_chain_away: boolean;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** A wallet shows a hash once it has sent the transaction; a week later nobody is going to include it. */
const notFoundAfterMs = 7 * dayMs;
/** So long somebody may link the wallet that has sent it. */
const unverifiedForMs = 90 * dayMs;
/** However old a transaction is, it is asked about again after a quarter of a day. */
const pauseMsMax = dayMs / 4;
/** Each is up to three requests to the node. */
const transactionsPerRunMax = 500;
const atOnce = 5;

/**
 * Asks the chain what became of logged transactions, those that are due longest first, and adds it to their owners' logs. A new
 * one is asked about every minute, then ever more seldom, a tenth of its age, up to every six hours. Without a node nothing
 * is asked, and all stay pending. Several processes may do it at once, and again: each outcome is recorded once.
 *
 * A transaction that was carried out counts as the owner's when one of their linked wallets has sent it; anybody can log the hash
 * of a stranger's. Where it is known which contracts the protocols have, one of them has to have taken part, too.
 *
 * @param signal no further transaction is asked about after it aborts
 */
export async function confirmTransactions(
  deps: ConfirmationDependencies,
  signal: AbortSignal,
): Promise<Confirmations> {
  const counts = { confirmed: 0, unverified: 0, failed: 0, not_found: 0, open: 0 };
  const { chain } = deps;
  if (chain === undefined) return { ...counts, is_chain_away: false };
  await followLog(deps);
  const now = deps.clock();
  const latest = latestMoment(new Date(now.getTime() + pauseMsMax));
  const due = await listDueTransactions(deps.db, { now, latest, limit: transactionsPerRunMax });
  for (let start = 0; start < due.length && !signal.aborted; start += atOnce) {
    const results = await Promise.allSettled(
      due.slice(start, start + atOnce).map((transaction) => confirm(deps, chain, transaction)),
    );
    for (const result of results) {
      if (result.status === "rejected") throw result.reason;
      const { status, trouble } = result.value;
      if (trouble !== undefined)
        deps.log.warn({ err: trouble }, "The chain could not be asked about transactions.");
      if (trouble !== undefined && !isOfOneTransaction(trouble)) return { ...counts, is_chain_away: true };
      counts[status] += 1;
    }
  }
  return { ...counts, is_chain_away: false };
}

/**
 * Whether one transaction is the trouble, not the node: anybody can log a hash whose response is too long or unreadable, and the
 * others are asked about all the same.
 */
function isOfOneTransaction({ reason }: ChainUnavailableError): boolean {
  return reason === "bad_response" || reason === "rpc_error";
}

/** Takes what was logged since the last time, and asks again for whoever has linked a wallet meanwhile. */
async function followLog({ db, clock }: ConfirmationDependencies): Promise<void> {
  const limit = 500;
  let count = limit;
  while (count === limit) {
    count = await readEvents(
      { db, clock },
      {
        name: "transactions.confirm",
        limit,
        handle: async (trx, events) => {
          const logged = events.filter(({ type }) => type === "transaction.logged");
          const linked = events.filter(({ type }) => type === "wallet.linked");
          const ids = logged.map(({ subject }) => subject);
          const owners = linked.flatMap(({ owner_id }) => owner_id ?? []);
          await insertOpenTransactions(trx, ids, clock());
          await hastenOpenTransactions(trx, owners, clock());
        },
      },
    );
  }
}

interface Asked {
  readonly status: StatusChange["status"] | "open";
  /** Why the chain has not told; it is asked again, after the others. */
  readonly trouble?: ChainUnavailableError;
}

async function confirm(
  deps: ConfirmationDependencies,
  chain: ChainReader,
  transaction: OpenTransactionRow,
): Promise<Asked> {
  try {
    const outcome = await chain.transactionOutcome(transaction.tx_hash);
    return { status: await settle(deps, transaction, outcome) };
  } catch (error) {
    if (!(error instanceof ChainUnavailableError)) throw error;
    await settle(deps, transaction, { status: "waiting" });
    return { status: "open", trouble: error };
  }
}

/** Records what the chain says, and when it is to be asked again. */
async function settle(
  deps: ConfirmationDependencies,
  transaction: OpenTransactionRow,
  outcome: TransactionOutcome,
): Promise<Asked["status"]> {
  const { id, owner_id, tx_hash } = transaction;
  const status = await judge(deps, transaction, outcome);
  if (status !== undefined && status !== transaction.status) {
    await recordTransactionStatus(deps, { owner_id, tx_hash, status });
  }
  const ageMs = ageOf(transaction, deps.clock());
  const isOpen = status === undefined || (status === "unverified" && ageMs < unverifiedForMs);
  const pauseMs = Math.min(Math.max(ageMs / 10, minuteMs), pauseMsMax);
  await updateOpenTransaction(deps.db, id, isOpen ? new Date(deps.clock().getTime() + pauseMs) : undefined);
  return status ?? "open";
}

/** @returns undefined while nothing can be said */
async function judge(
  deps: ConfirmationDependencies,
  transaction: OpenTransactionRow,
  outcome: TransactionOutcome,
): Promise<StatusChange["status"] | undefined> {
  const { owner_id, status } = transaction;
  switch (outcome.status) {
    case "waiting":
      return undefined;
    case "unknown": {
      const isOver = status === "pending" && ageOf(transaction, deps.clock()) >= notFoundAfterMs;
      return isOver ? "not_found" : undefined;
    }
    case "reverted":
      return "failed";
    case "succeeded": {
      const { sender, contracts } = outcome;
      if (sender === undefined || !touchesProtocol(contracts, deps.protocolContracts)) return "unverified";
      return (await ownsWallet(deps, owner_id, sender)) ? "confirmed" : "unverified";
    }
  }
}

/** Whether a protocol took part; nothing is held against a transaction of which that is not known. */
function touchesProtocol(
  contracts: ReadonlySet<string> | undefined,
  protocolContracts: ReadonlySet<string>,
): boolean {
  return (
    protocolContracts.size === 0 ||
    contracts === undefined ||
    [...contracts].some((contract) => protocolContracts.has(contract))
  );
}

/**
 * Nothing passes for longer because a transaction is young, it is only asked about: one from before the clock was set back is taken
 * for new, since giving it up could not be undone.
 */
function ageOf({ created_at }: OpenTransactionRow, now: Date): number {
  return Math.max(0, now.getTime() - created_at.getTime());
}
