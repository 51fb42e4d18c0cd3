import { contract } from "@obsqra/contract";
import { router, userProcedure } from "../trpc.ts";
import { getTransactionEntries } from "./transaction-entries.service.ts";
import { createTransaction, getTransaction, getTransactions } from "./transactions.service.ts";

const { transactions } = contract;

export const transactionsRouter = router({
  create: userProcedure(transactions.create).mutation(({ ctx, input }) => createTransaction(ctx, input)),
  list: userProcedure(transactions.list).query(({ ctx, input }) => getTransactions(ctx, input)),
  entries: userProcedure(transactions.entries).query(({ ctx, input }) => getTransactionEntries(ctx, input)),
  get: userProcedure(transactions.get).query(({ ctx, input }) => getTransaction(ctx, input)),
});
