import { paginate, type Transaction } from "@obsqra/client";
import { itemsOf } from "@obsqra/client/react-query";
import { useInfiniteQuery } from "@tanstack/react-query";
import { obsqra, queries } from "../../api/client.ts";
import { ChainCheck } from "../../chains/chain-check.tsx";
import { CsvButton } from "../../components/csv-button.tsx";
import { MoreButton } from "../../components/more-button.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { SignedInOnly } from "../../components/signed-in-only.tsx";
import { Empty, Failure, Skeleton } from "../../components/states.tsx";
import { texts } from "../../texts/index.ts";
import { LogForm } from "./log-form.tsx";
import { TransactionTable } from "./transaction-table.tsx";

const words = texts.transactions;
const csvHeader = ["created_at", "tx_type", "amount", "status", "tx_hash", "entry"];

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
      <ChainCheck
        check={async (onProgress) => {
          const { followTransactions } = await import("../../chains/follow-chain.ts");
          const entries = paginate(obsqra.transactions.entries, { sort: "oldest", limit: 100 });
          return followTransactions(entries, onProgress);
        }}
      />
      {items.length === 0 ? (
        <Empty title={words.none}>{words.noneLong}</Empty>
      ) : (
        <>
          <div className="actions card-body" data-end>
            <CsvButton name="transactions" header={csvHeader} rows={() => items.map(toRow)} />
          </div>
          <TransactionTable transactions={items} />
        </>
      )}
      <MoreButton pages={pages} />
    </section>
  );
}

function toRow({ created_at, tx_type, amount, status, tx_hash, chain }: Transaction) {
  return [created_at, tx_type, amount, status, tx_hash, chain.position];
}
