import { itemsOf } from "@obsqra/client/react-query";
import { useInfiniteQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { PageHead } from "../../components/page-head.tsx";
import { SignedInOnly } from "../../components/signed-in-only.tsx";
import { Empty, Failure, Skeleton } from "../../components/states.tsx";
import { texts } from "../../texts/index.ts";
import { LogForm } from "./log-form.tsx";
import { TransactionTable } from "./transaction-table.tsx";

const words = texts.transactions;

/** The log of what was done. */
export function TransactionsPage() {
  return (
    <>
      <PageHead title={words.title} lead={words.lead} />
      <SignedInOnly title={words.signInFirst}>
        <div className="sides">
          <LogForm />
          <Transactions />
        </div>
      </SignedInOnly>
    </>
  );
}

function Transactions() {
  const pages = useInfiniteQuery(queries.transactions.list.infiniteQueryOptions({ limit: 25 }));
  const items = pages.data === undefined ? undefined : itemsOf(pages.data);
  if (items === undefined) {
    return pages.error === null ? (
      <Skeleton height={320} />
    ) : (
      <div className="card">
        <Failure error={pages.error} retry={() => void pages.refetch()} />
      </div>
    );
  }
  return (
    <section className="card">
      {items.length === 0 ? (
        <Empty title={words.none}>{words.noneLong}</Empty>
      ) : (
        <TransactionTable transactions={items} />
      )}
      {pages.hasNextPage ? (
        <div className="card-body">
          <button
            type="button"
            className="button"
            disabled={pages.isFetchingNextPage}
            onClick={() => void pages.fetchNextPage()}
          >
            {words.more}
          </button>
        </div>
      ) : null}
    </section>
  );
}
