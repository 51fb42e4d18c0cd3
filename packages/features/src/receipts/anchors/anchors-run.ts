import type { AnchorTransaction } from "@obsqra/starknet";
import { z } from "zod";

/** A tree that is under way, as a run of the job keeps it for the next. */
const sentAnchor = z.object({
  size: z.number(),
  transaction_hash: z.string(),
  // Numbers of the chain, in decimal.
  nonce: z.string(),
  l2_gas_price_max_fri: z.string(),
  tip_fri: z.string(),
  fee_max_fri: z.string(),
  sent_at: z.iso.datetime(),
  /** When the first transaction with this nonce was sent. */
  waiting_since: z.iso.datetime(),
});

export type SentAnchor = z.output<typeof sentAnchor>;

/**
 * What a run has found and done.
 *
 * - `anchored`: the contract keeps a tree of this log, and the next is not due.
 * - `waiting`: a tree is under way.
 * - `differs`: the contract keeps another log, or more of one than there is here: of a database that was restored, say.
 * - `not_owner`, `no_contract`: the contract is another account's, or none.
 * - `too_expensive`, `no_funds`, `no_key`, `refused`: nothing was sent.
 */
export const anchorsRun = z.object({
  outcome: z.enum([
    "anchored",
    "waiting",
    "differs",
    "not_owner",
    "no_contract",
    "too_expensive",
    "no_funds",
    "no_key",
    "refused",
    "not_configured",
  ]),
  contract: z.string().optional(),
  /** Of the largest tree that the contract keeps, with the time of its block. */
  size: z.number().optional(),
  anchored_at: z.iso.datetime().optional(),
  sent: sentAnchor.optional(),
  /** What it would have cost at most. */
  fee_max_fri: z.string().optional(),
});

export type AnchorsRun = z.output<typeof anchorsRun>;

/** A transaction as it is kept. */
export function toSentAnchor(
  size: number,
  transaction: AnchorTransaction,
  moments: Pick<SentAnchor, "sent_at" | "waiting_since">,
): SentAnchor {
  return {
    size,
    transaction_hash: transaction.transaction_hash,
    nonce: transaction.nonce.toString(),
    l2_gas_price_max_fri: transaction.l2_gas_price_max.toString(),
    tip_fri: transaction.tip.toString(),
    fee_max_fri: transaction.fee_max.toString(),
    ...moments,
  };
}

/** A transaction that was kept. */
export function toTransaction(sent: SentAnchor): AnchorTransaction {
  return {
    transaction_hash: sent.transaction_hash,
    nonce: BigInt(sent.nonce),
    l2_gas_price_max: BigInt(sent.l2_gas_price_max_fri),
    tip: BigInt(sent.tip_fri),
    fee_max: BigInt(sent.fee_max_fri),
  };
}
