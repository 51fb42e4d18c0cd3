import type { RebalanceSuggestion } from "@obsqra/client";
import { Link } from "@tanstack/react-router";
import { CsvButton } from "../../components/csv-button.tsx";
import { Explained } from "../../components/explained.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { fullDay, moment, money, percent, score } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { shell, units } = texts;
const { columns, suggestion: names, unallocated, somewhere } = texts.allocation;
const csvHeader = [
  "protocol",
  "market_id",
  "symbol",
  "current_percent",
  "percent",
  "amount_usd",
  "change_usd",
  "net_apy",
  "risk_score",
];

/** A suggestion line by line: what to hold where, and what that changes. */
export function SuggestionTable({ suggestion }: { readonly suggestion: RebalanceSuggestion }) {
  const lines = linesOf(suggestion);
  const { as_of, data_source } = suggestion;
  const about = [
    as_of === null ? undefined : shell.asOf(fullDay(as_of)),
    units.source(data_source.name, moment(data_source.fetched_at)),
  ];
  return (
    <section className="card">
      <div className="card-head">
        <h2>{names.title}</h2>
        <CsvButton
          name="suggestion"
          header={csvHeader}
          rows={() =>
            lines.map((line) => [
              line.protocol,
              line.marketId,
              line.name,
              line.current,
              line.percent,
              line.amount,
              line.change,
              line.apy,
              line.risk,
            ])
          }
        />
      </div>
      <ScrollTable>
        <thead>
          <tr>
            <th scope="col">{columns.market}</th>
            {[columns.now, columns.share, columns.amount, columns.change, columns.apy, columns.risk].map(
              (name) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={`${line.protocol} ${line.marketId ?? ""}`}>
              <th scope="row">
                {line.marketId === null ? (
                  line.name
                ) : (
                  <Link to="/markets/$marketId" params={{ marketId: line.marketId }}>
                    {line.name} <span className="muted">{line.protocol}</span>
                  </Link>
                )}
              </th>
              <td className="number">{percent(line.current)}</td>
              <td className="number">
                <b>{percent(line.percent)}</b>
              </td>
              <td className="number">{money(line.amount)}</td>
              <td className="number">
                <Change amount={line.change} />
              </td>
              <td className="number">
                <Explained lines={line.apy === null ? [] : [units.apy, ...about]}>
                  {percent(line.apy)}
                </Explained>
              </td>
              <td className="number">
                <Explained lines={line.risk === null ? [] : [units.risk, ...about]}>
                  {score(line.risk)}
                </Explained>
              </td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
    </section>
  );
}

/** Money to deposit, or with a minus sign to withdraw. */
function Change({ amount }: { readonly amount: string | null }) {
  if (amount === null || /^-?0*(\.0*)?$/.test(amount)) return <span className="muted">{money(amount)}</span>;
  const isMore = !amount.startsWith("-");
  return (
    <span className={isMore ? "up" : "down"}>
      {isMore ? `+${money(amount)}` : money(amount).replace("-", "−")}
    </span>
  );
}

interface Line {
  readonly protocol: string;
  readonly marketId: string | null;
  readonly name: string;
  readonly current: number;
  readonly percent: number;
  readonly amount: string | null;
  readonly change: string | null;
  readonly apy: number | null;
  readonly risk: number | null;
}

function linesOf({ shares }: RebalanceSuggestion): Line[] {
  return shares.flatMap((share): Line[] => {
    const { protocol, current_percent: current, percent, expected_apy: apy, risk_score: risk } = share;
    const isNowhere = protocol === "unallocated";
    if (share.markets.length === 0) {
      const name = isNowhere ? unallocated : protocol;
      return [{ protocol, marketId: null, name, current, percent, amount: null, change: null, apy, risk }];
    }
    return share.markets.map((market) => ({
      protocol,
      marketId: market.market_id,
      name: market.symbol ?? (isNowhere ? unallocated : somewhere(protocol)),
      current: market.current_percent,
      percent: market.percent,
      amount: market.amount,
      change: market.change_amount,
      apy: market.net_apy_at_amount,
      risk: market.risk_score,
    }));
  });
}
