import { isMarketFile } from "../../market/market.service.ts";
import type { ModelsDependencies } from "../models/models.service.ts";

/**
 * A feed speaks about today, so its forecasts expire; history in a file is replayed as of its last day. A market that
 * was silent for so long that its forecast's time has passed is stale in either.
 */
export function expireWith(
  { clock, marketSource }: Pick<ModelsDependencies, "clock" | "marketSource">,
  newestDay: Date,
): <TRow extends { readonly stale: boolean; readonly target_at: string }>(row: TRow) => TRow {
  const now = clock();
  const expires = !isMarketFile(marketSource);
  return (row) => ({
    ...row,
    stale: row.stale || new Date(row.target_at) < newestDay || (expires && new Date(row.target_at) <= now),
  });
}
