import { contract } from "@obsqra/contract";
import { fromReplica } from "@obsqra/platform";
import { mutation, query, router } from "../trpc.ts";
import { getTransactionEntries } from "./transaction-entries.service.ts";
import { createTransaction, getTransaction, getTransactions } from "./transactions.service.ts";

const { transactions } = contract;

export const transactionsRouter = router({
  create: mutation(transactions.create, createTransaction),
  list: query(transactions.list, fromReplica(getTransactions)),
  entries: query(transactions.entries, fromReplica(getTransactionEntries)),
  get: query(transactions.get, getTransaction),
});
