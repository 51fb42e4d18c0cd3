import type { ChainsReceipt } from "@obsqra/contract";
import { type Actor, AppError } from "@obsqra/platform";
import { formatTlogProof, parseCheckpoint, proveInclusion, toBase64 } from "@obsqra/receipts";
import type { ReceiptDependencies } from "../forecast-receipt.service.ts";
import { openLog } from "../log/append-log.service.ts";
import { type ChainHead, findLoggedHeads } from "./chain-heads.queries.ts";
import { hashChains, hashLeaves } from "./chain-heads.ts";

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
  const found = await findLoggedHeads(db);
  const isOwn = found?.heads.some((head) => head.owner_id === owner_id) === true;
  if (found === undefined || !isOwn) throw new AppError("RECEIPT_NOT_FOUND", undefined);
  const { leaf_index, heads, checkpoint, witnessed_checkpoint } = found;
  const entry = Buffer.from(found.entry).toString();
  const proof = await openLog(db, parseCheckpoint(checkpoint).size).proveInclusion(leaf_index);
  return {
    log_url: `${publicUrl}/log`,
    entry,
    owner_id,
    chains: await proveChains(heads, { owner_id, logged_at: JSON.parse(entry).logged_at }),
    tlog_proof: formatTlogProof({ index: leaf_index, proof, checkpoint }),
    witnessed_checkpoint,
    attestation: witnessed_checkpoint === null ? "self_attested" : "witnessed",
  };
}

async function proveChains(
  heads: readonly ChainHead[],
  { owner_id, logged_at }: { readonly owner_id: string; readonly logged_at: string },
): Promise<ChainsReceipt["chains"]> {
  const leaves = await hashChains(heads, logged_at);
  const hashRange = (start: number, end: number) => hashLeaves(leaves, start, end);
  const own = [...heads.entries()].filter(([, head]) => head.owner_id === owner_id);
  return Promise.all(
    own.map(async ([index, { log, position, hash }]) => {
      const proof = await proveInclusion({ index, size: leaves.length }, hashRange);
      return { log, position, hash, index, proof: proof.map(toBase64) };
    }),
  );
}
