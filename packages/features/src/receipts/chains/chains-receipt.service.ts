import type { ChainsReceipt } from "@obsqra/contract";
import { type Actor, AppError } from "@obsqra/platform";
import { formatTlogProof, parseCheckpoint, toBase64 } from "@obsqra/receipts";
import type { ReceiptDependencies } from "../forecast-receipt.service.ts";
import { openLog } from "../log/append-log.service.ts";
import { findLoggedHeads } from "./chain-heads.queries.ts";
import { openChainsTree, readEntry } from "./chain-heads.service.ts";

/**
 * That the log has where the user's own chains ended, with what opens its newest entry about chains.
 *
 * @throws AppError RECEIPT_NOT_FOUND while it has nothing of the user's
 */
export async function getChainsReceipt({
  db,
  publicUrl,
  actor,
}: ReceiptDependencies & { readonly actor: Pick<Actor, "owner_id"> }): Promise<ChainsReceipt> {
  const { owner_id } = actor;
  const found = await findLoggedHeads(db, owner_id);
  if (found === undefined || found.own === null) throw new AppError("RECEIPT_NOT_FOUND", undefined);
  const { leaf_index, own, checkpoint, witnessed_checkpoint } = found;
  const tree = openChainsTree(db, { leaf_index, ...readEntry(found) });
  const proof = await openLog(db, parseCheckpoint(checkpoint).size).proveInclusion(leaf_index);
  const chains: ChainsReceipt["chains"] = [];
  for (const { chain, log, position, hash } of own) {
    // Counted from 1.
    const index = chain - 1;
    chains.push({ log, position, hash, index, proof: (await tree.proveInclusion(index)).map(toBase64) });
  }
  return {
    log_url: `${publicUrl}/log`,
    entry: Buffer.from(found.entry).toString(),
    owner_id,
    chains,
    tlog_proof: formatTlogProof({ index: leaf_index, proof, checkpoint }),
    witnessed_checkpoint,
    attestation: witnessed_checkpoint === null ? "self_attested" : "witnessed",
  };
}
