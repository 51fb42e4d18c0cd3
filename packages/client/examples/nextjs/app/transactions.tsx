"use client";

import { createClient, isObsqraError, type Transaction } from "@obsqra/client";
import { useState } from "react";

// The page's own origin, where the route handler adds the token: no script ever has it.
const obsqra = createClient({ url: "" });

/** A client component: it calls the API from the browser. */
export function Transactions() {
  const [items, setItems] = useState<readonly Transaction[]>();
  const [failure, setFailure] = useState("");
  const load = () =>
    obsqra.transactions.list.query({ limit: 10 }).then(
      (page) => setItems(page.items),
      (error: unknown) => setFailure(isObsqraError(error) ? error.code : String(error)),
    );
  if (failure !== "") return <p role="alert">{failure}</p>;
  if (items === undefined) {
    return (
      <button type="button" onClick={load}>
        Show transactions
      </button>
    );
  }
  return <p>{items.length} transactions</p>;
}
