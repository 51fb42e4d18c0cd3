import type { Database } from "@obsqra/db";
import type { ControlledTransaction } from "kysely";
import { vi } from "vitest";

/** Whether any of the transactions that were begun on a database for a keyed call has not ended yet. */
export function watchTransactions(db: Database): () => boolean {
  const begun: Pick<ControlledTransaction<unknown>, "isCommitted" | "isRolledBack">[] = [];
  const startTransaction = db.startTransaction.bind(db);
  vi.spyOn(db, "startTransaction").mockImplementation(() => {
    const builder = startTransaction();
    const execute = builder.execute.bind(builder);
    return Object.assign(builder, {
      execute: async () => {
        const trx = await execute();
        begun.push(trx);
        return trx;
      },
    });
  });
  return () => begun.some(({ isCommitted, isRolledBack }) => !isCommitted && !isRolledBack);
}
