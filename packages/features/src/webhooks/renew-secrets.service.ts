import type { Database } from "@obsqra/db";
import type { Sealer } from "@obsqra/platform";
import { listSealedSecrets, replaceSealedSecrets } from "./renew-secrets.queries.ts";

const batchSize = 500;

/**
 * Seals with the newest key the secrets that an earlier one has sealed, so that the earlier one may go. Those that no key opens stay:
 * it may come back. For an hourly job; several processes may do so at once.
 *
 * @returns how many webhooks had such a secret
 */
export async function renewSecrets({
  db,
  sealer,
}: {
  readonly db: Database;
  readonly sealer: Sealer;
}): Promise<number> {
  let renewed = 0;
  let after: string | undefined;
  do {
    const rows = await listSealedSecrets(db, { after, limit: batchSize });
    for (const { id, secret_sealed, previous_secret_sealed } of rows) {
      const secret = sealer.reseal(secret_sealed);
      const previous = previous_secret_sealed === null ? undefined : sealer.reseal(previous_secret_sealed);
      if (secret === undefined && previous === undefined) continue;
      const change = {
        ...(secret && { secret_sealed: secret }),
        ...(previous && { previous_secret_sealed: previous }),
      };
      renewed += await replaceSealedSecrets(db, { id, known: secret_sealed, change });
    }
    after = rows.length < batchSize ? undefined : rows.at(-1)?.id;
  } while (after !== undefined);
  return renewed;
}
