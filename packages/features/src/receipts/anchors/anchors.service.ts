import type { Database } from "@obsqra/db";
import type { Logger } from "@obsqra/platform";
import { bytesToHex, parseCheckpoint } from "@obsqra/receipts";
import type { AnchorContractState, AnchoredTree, LogAnchor } from "@obsqra/starknet";
import { openLog } from "../log/append-log.service.ts";
import { findCheckpoint } from "../log/log.queries.ts";
import { type AnchorsRun, type SentAnchor, toSentAnchor, toTransaction } from "./anchors-run.ts";

/** Where the log's trees are anchored, and how often. */
export interface LogAnchoring {
  readonly anchor: LogAnchor;
  /** So many hours after one tree, at the soonest, the next is sent. */
  readonly everyHours: number;
}

/** What anchoring uses. */
export interface AnchorsDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly log: Pick<Logger, "error" | "info" | "warn">;
  /** Undefined where no contract, no account or no node is configured. */
  readonly logAnchoring: LogAnchoring | undefined;
}

const minuteMs = 60_000;
/** One that is in no block by then offers too little, or was lost. */
const patienceMs = 20 * minuteMs;

/**
 * Has the contract keep the newest tree of the log, where it is time: reads what it keeps, compares that with the log, follows what was sent
 * before, and sends a tree if none is under way. It may be run at any time, and twice at once: the contract takes a larger tree only, and each
 * nonce of the account counts once.
 *
 * @param sent what the run before has said to be under way
 * @throws ChainUnavailableError when the node gives no usable response: the next run goes on from there
 */
export async function anchorLog(
  deps: AnchorsDependencies,
  sent: SentAnchor | undefined,
): Promise<AnchorsRun> {
  const { db, clock, log, logAnchoring } = deps;
  if (logAnchoring === undefined) return { outcome: "not_configured" };
  const { anchor, everyHours } = logAnchoring;
  const run = { contract: anchor.contract };
  const state = await anchor.state();
  if (typeof state === "string") {
    log.error({ ...run, reason: state }, "No contract at LOG_ANCHOR_CONTRACT keeps trees of a log.");
    return { ...run, outcome: "no_contract" };
  }
  const anchored = { ...run, ...describeNewest(state) };
  const newest = await findNewestTree(db);
  const difference = await findDifference(db, state, newest);
  if (difference !== undefined) {
    log.error({ ...anchored, difference }, "The contract keeps another log than this one.");
    return { ...anchored, outcome: "differs" };
  }
  if (state.owner !== anchor.account) {
    log.error({ ...anchored, owner: state.owner }, "The contract belongs to another account.");
    return { ...anchored, outcome: "not_owner" };
  }
  const known = state.newest?.size ?? 0;
  const open = sent !== undefined && sent.size > known ? sent : undefined;
  if (sent !== undefined && open === undefined) {
    log.info({ ...anchored }, "A tree of the log is anchored.");
  }
  const fate = open === undefined ? undefined : await followSent(deps, anchor, open);
  if (fate === "waits") return { ...anchored, outcome: "waiting", ...(open && { sent: open }) };
  const isDue =
    fate !== undefined ||
    state.newest === undefined ||
    clock().getTime() - state.newest.anchoredAt.getTime() >= everyHours * 60 * minuteMs;
  if (newest === undefined || newest.size <= known || !isDue) return { ...anchored, outcome: "anchored" };
  if (!anchor.canSend) {
    log.error({ ...anchored }, "LOG_ANCHOR_KEY is not set where jobs run: the log is not anchored.");
    return { ...anchored, outcome: "no_key" };
  }
  return { ...anchored, ...(await send(deps, anchor, newest, open)) };
}

/** The newest tree that was signed; undefined before the first. */
async function findNewestTree(db: Database): Promise<AnchoredTree | undefined> {
  const checkpoint = await findCheckpoint(db);
  if (checkpoint === undefined) return undefined;
  const { size, root } = parseCheckpoint(checkpoint.note);
  return { size, root: toNumber(root) };
}

/** How what is anchored is no tree of this log; undefined where it is one. */
async function findDifference(
  db: Database,
  { newest: anchored }: AnchorContractState,
  newest: AnchoredTree | undefined,
): Promise<string | undefined> {
  if (anchored === undefined) return undefined;
  const size = newest?.size ?? 0;
  if (anchored.size > size) return `It has ${anchored.size} entries, and this one ${size}.`;
  const root = toNumber(await openLog(db, anchored.size).root());
  return root === anchored.root ? undefined : `The first ${anchored.size} entries are others.`;
}

/** @returns `waits`, or why there has to be another transaction */
async function followSent(
  { clock, log }: AnchorsDependencies,
  anchor: LogAnchor,
  sent: SentAnchor,
): Promise<"waits" | "reverted" | "stuck"> {
  const status = await anchor.status(sent.transaction_hash);
  if (status === "reverted") {
    log.error(
      { transaction_hash: sent.transaction_hash },
      "The transaction that anchors the log has failed.",
    );
    return "reverted";
  }
  // A block that has it, and that the contract was not asked in yet, is a matter of moments.
  if (status === "included") return "waits";
  return clock().getTime() - Date.parse(sent.sent_at) < patienceMs ? "waits" : "stuck";
}

async function send(
  { clock, log }: AnchorsDependencies,
  anchor: LogAnchor,
  tree: AnchoredTree,
  replaced: SentAnchor | undefined,
): Promise<Pick<AnchorsRun, "outcome" | "sent" | "fee_max_fri">> {
  const sending = await anchor.send(tree, replaced && toTransaction(replaced));
  if (sending.status === "sent") {
    const now = clock().toISOString();
    const sent = toSentAnchor(tree.size, sending.transaction, {
      sent_at: now,
      waiting_since: replaced?.waiting_since ?? now,
    });
    log.info({ ...sent }, "A tree of the log is sent to be anchored.");
    return { outcome: "waiting", sent };
  }
  // Another run, or the account's owner, was faster: the next run sees what came of it.
  if (sending.status === "nonce_used") return { outcome: "waiting", ...(replaced && { sent: replaced }) };
  const fee = sending.fee_max === undefined ? {} : { fee_max_fri: sending.fee_max.toString() };
  log.error({ ...fee, account: anchor.account }, messages[sending.status]);
  const outcome = sending.status === "no_account" ? "refused" : sending.status;
  return { outcome, ...fee, ...(replaced && { sent: replaced }) };
}

const messages = {
  too_expensive: "Anchoring the log might cost more than LOG_ANCHOR_FEE_MAX.",
  no_funds: "The account at LOG_ANCHOR_ACCOUNT has too little to anchor the log.",
  no_account: "There is no account at LOG_ANCHOR_ACCOUNT.",
  refused: "The account at LOG_ANCHOR_ACCOUNT does not take LOG_ANCHOR_KEY, or the contract not its tree.",
} as const;

function describeNewest({ newest }: AnchorContractState): Pick<AnchorsRun, "size" | "anchored_at"> {
  if (newest === undefined) return {};
  return { size: newest.size, anchored_at: newest.anchoredAt.toISOString() };
}

function toNumber(root: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(root)}`);
}
