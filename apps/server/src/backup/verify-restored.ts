import { DumpError, type OpenDatabase } from "@obsqra/db";
import { verifyAuditLogs, verifyLog, verifyModelFiles, verifyTransactionLogs } from "@obsqra/features";

/**
 * Follows everything in a restored database that proves itself: both kinds of chains, the transparency log, and models by their hashes.
 *
 * @returns what holds, for a person
 * @throws DumpError, LogChangedError, Error of a model's file
 */
export async function verifyRestored(db: OpenDatabase["db"]): Promise<string> {
  let chains = 0;
  for (const verdicts of [verifyAuditLogs({ db }, "all"), verifyTransactionLogs({ db }, "all")]) {
    for await (const { user_id, chain } of verdicts) {
      if ("fault" in chain)
        throw new DumpError(`The log of ${user_id ?? "all logs"} does not hold at entry ${chain.position}.`);
      chains += 1;
    }
  }
  const { entries } = await verifyLog({ db });
  const models = await verifyModelFiles({ db });
  return `${chains} chained logs, ${entries} entries of the transparency log and ${models} models hold.\n`;
}
