import type { Database } from "@obsqra/db";
import { type AccountRow, findAccount } from "./account-selection.queries.ts";

/** One account, or all of them. */
export type AccountSelection = OneAccount | "all";

type OneAccount = { readonly email: string } | { readonly id: string };

/** What an operator asks for cannot be done; the message says why. */
export class AccountCommandError extends Error {
  override readonly name = "AccountCommandError";

  /** There is no such account. */
  static missing(account: OneAccount): AccountCommandError {
    return new AccountCommandError(
      "email" in account
        ? `No account has the address ${account.email}.`
        : `No account has the id ${account.id}.`,
    );
  }
}

const accountsAtOnce = 500;

/** @throws AccountCommandError when there is no such account */
export async function getAccount(db: Database, selection: OneAccount): Promise<AccountRow> {
  const account = await findAccount(db, selection);
  if (account === undefined) throw AccountCommandError.missing(selection);
  return account;
}

/** Goes through a list that is ordered by id. */
export async function* inPages<TAccount extends { readonly id: string }>(
  list: (page: { readonly after: string | undefined; readonly limit: number }) => Promise<TAccount[]>,
): AsyncGenerator<TAccount> {
  let page: TAccount[] = [];
  do {
    page = await list({ after: page.at(-1)?.id, limit: accountsAtOnce });
    yield* page;
  } while (page.length === accountsAtOnce);
}
