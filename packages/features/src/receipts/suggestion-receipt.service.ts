import type { SuggestionReceipt, SuggestionReceiptInput } from "@obsqra/contract";
import { type Actor, AppError } from "@obsqra/platform";
import { canonicalJson, formatTlogProof, parseCheckpoint } from "@obsqra/receipts";
import type { ReceiptDependencies } from "./forecast-receipt.service.ts";
import { openLog } from "./log/append-log.service.ts";
import { findLoggedSuggestion } from "./suggestion-receipt.queries.ts";

/**
 * That one of the user's suggestions was committed to the log, with what opens its hashes.
 *
 * @throws AppError SUGGESTION_NOT_FOUND, also for another user's; RECEIPT_NOT_FOUND while it is not in the log
 */
export async function getSuggestionReceipt(
  { db, publicUrl, actor }: ReceiptDependencies & { readonly actor: Pick<Actor, "owner_id"> },
  { suggestion_id }: SuggestionReceiptInput,
): Promise<SuggestionReceipt> {
  const { owner_id } = actor;
  const found = await findLoggedSuggestion(db, { id: suggestion_id, owner_id });
  if (found === undefined) throw new AppError("SUGGESTION_NOT_FOUND", undefined);
  const { answer, salt, leaf_index, entry, checkpoint, witnessed_checkpoint, batches } = found;
  if (salt === null || leaf_index === null || entry === null) {
    throw new AppError("RECEIPT_NOT_FOUND", undefined);
  }
  const proof = await openLog(db, parseCheckpoint(checkpoint).size).proveInclusion(leaf_index);
  return {
    suggestion_id,
    log_url: `${publicUrl}/log`,
    entry: Buffer.from(entry).toString(),
    owner_id,
    salt: Buffer.from(salt).toString("hex"),
    suggestion: canonicalJson(answer),
    batches: [...batches],
    tlog_proof: formatTlogProof({ index: leaf_index, proof, checkpoint }),
    witnessed_checkpoint,
    attestation: witnessed_checkpoint === null ? "self_attested" : "witnessed",
  };
}
