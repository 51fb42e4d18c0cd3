import type { Database } from "@obsqra/db";
import { type ChainVerdict, verifyChains } from "../accounts/audit/chained-logs.service.ts";
import type { AccountSelection } from "../accounts/operators/account-selection.service.ts";
import { verifyTransactionChain } from "./transaction-entries.service.ts";

/**
 * Follows the logs of transactions of the accounts that an operator selects, one after the other, erased ones among them; for
 * all, also the list of logs.
 *
 * @throws AccountCommandError when there is no such account
 */
export function verifyTransactionLogs(
  deps: { readonly db: Database },
  selection: AccountSelection,
): AsyncGenerator<ChainVerdict> {
  return verifyChains(deps, selection, {
    log: "transactions",
    verify: ({ id }) => verifyTransactionChain(deps, id),
  });
}
