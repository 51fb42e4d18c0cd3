import type { Database } from "@obsqra/db";
import type { Sealer } from "@obsqra/platform";
import { listTotpSecrets, replaceTotpSecret } from "./second-factor.queries.ts";

const batchSize = 500;

/**
 * Seals with the newest key the secrets of apps that an earlier one has sealed, so that the earlier one may go. Those that no key opens
 * stay: it may come back. For an hourly job; several processes may do so at once.
 *
 * @returns how many were sealed anew
 */
export async function renewTotpSecrets({
  db,
  sealer,
}: {
  readonly db: Database;
  readonly sealer: Sealer;
}): Promise<number> {
  let renewed = 0;
  let after: string | undefined;
  do {
    const rows = await listTotpSecrets(db, { after, limit: batchSize });
    for (const { user_id, secret_sealed: known } of rows) {
      const sealed = sealer.reseal(known);
      if (sealed !== undefined) renewed += await replaceTotpSecret(db, { user_id, known, sealed });
    }
    after = rows.length < batchSize ? undefined : rows.at(-1)?.user_id;
  } while (after !== undefined);
  return renewed;
}
