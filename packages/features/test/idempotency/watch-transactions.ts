import type { Database, DatabaseTransaction } from "@obsqra/db";
import { vi } from "vitest";

/** Whether any of the transactions that were begun on a database has not ended yet. */
export function watchTransactions(db: Database): () => boolean {
  let open = 0;
  const transaction = db.transaction.bind(db);
  vi.spyOn(db, "transaction").mockImplementation(() => {
    const builder = transaction();
    const execute = builder.execute.bind(builder);
    const watched = async <TResult>(work: (trx: DatabaseTransaction) => Promise<TResult>) => {
      open += 1;
      try {
        return await execute(work);
      } finally {
        open -= 1;
      }
    };
    return Object.assign(builder, { execute: watched });
  });
  return () => open > 0;
}
