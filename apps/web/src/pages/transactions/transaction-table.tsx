import type { Transaction } from "@obsqra/client";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { moment } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const words = texts.transactions;
/** Shows transactions of Starknet; opened only when somebody follows the link. */
const explorer = "https://voyager.online/tx/";
const tones = {
  pending: undefined,
  confirmed: "good",
  failed: "bad",
  not_found: "bad",
  unverified: "warn",
} as const;

export function TransactionTable({ transactions }: { readonly transactions: readonly Transaction[] }) {
  const { columns } = words;
  return (
    <ScrollTable>
      <thead>
        <tr>
          <th scope="col">{columns.type}</th>
          <th scope="col">{columns.when}</th>
          <th scope="col" className="number">
            {columns.amount}
          </th>
          <th scope="col">{columns.status}</th>
          <th scope="col">{columns.hash}</th>
          <th scope="col" className="number">
            {columns.entry}
          </th>
        </tr>
      </thead>
      <tbody>
        {transactions.map(({ id, tx_type, created_at, amount, details, status, tx_hash, chain }) => (
          <tr key={id}>
            <th scope="row">{words.types[tx_type]}</th>
            <td>{moment(created_at)}</td>
            <td className="number">
              {amount} {typeof details.token === "string" ? details.token : ""}
            </td>
            <td>
              <span className="tag" data-tone={tones[status]}>
                {words.statuses[status]}
              </span>
            </td>
            <td>
              <a href={`${explorer}${tx_hash}`} target="_blank" rel="noreferrer" title={tx_hash}>
                <code>{shorten(tx_hash)}</code>
                <span className="visually-hidden"> {words.onChain}</span>
              </a>
            </td>
            <td className="number">{chain.position}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

function shorten(hash: string): string {
  return `${hash.slice(0, 8)}…${hash.slice(-6)}`;
}
