import type { WhatIf } from "@obsqra/client";
import { memo } from "react";
import { ScrollTable } from "../../../components/scroll-table.tsx";
import { percent, score } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";
import type { KnownMarket } from "./what-if-input.ts";

const { whatIf: words, columns } = texts.allocation;

type Share = WhatIf["shares"][number];

interface MarketSlidersProps {
  readonly markets: readonly KnownMarket[];
  readonly apys: Readonly<Record<string, number>>;
  readonly shares: readonly Share[] | undefined;
  readonly onChange: (marketId: string, apy: number) => void;
}

/** Each market with the APY that is asked about, and what it would get. */
export function MarketSliders({ markets, apys, shares = [], onChange }: MarketSlidersProps) {
  const byMarket = new Map(shares.map((share) => [share.market_id, share]));
  return (
    <section className="card">
      <div className="card-head">
        <h2>{words.markets}</h2>
        <span className="muted small">{words.marketsLong}</span>
      </div>
      <ScrollTable table="plain-table what-if">
        <thead>
          <tr>
            <th scope="col">{columns.market}</th>
            <th scope="col">{words.apy}</th>
            <th scope="col" className="number">
              {columns.risk}
            </th>
            <th scope="col">{columns.share}</th>
          </tr>
        </thead>
        <tbody>
          {markets.map((market) => {
            const share = byMarket.get(market.market_id);
            return (
              <Row
                key={market.market_id}
                market={market}
                apy={apys[market.market_id] ?? market.expected_apy.value}
                part={share === undefined ? undefined : share.target_basis_points / 100}
                risk={share?.risk_score ?? null}
                onChange={onChange}
              />
            );
          })}
        </tbody>
      </ScrollTable>
    </section>
  );
}

interface RowProps {
  readonly market: KnownMarket;
  readonly apy: number;
  readonly part: number | undefined;
  readonly risk: number | null;
  readonly onChange: MarketSlidersProps["onChange"];
}

/** Drawn anew only when its own figures change: a drag moves one of fifty. */
const Row = memo(function Row({ market, apy, part, risk, onChange }: RowProps) {
  const { market_id, symbol, protocol_name, expected_apy } = market;
  const most = Math.max(5, Math.ceil(2 * expected_apy.value));
  return (
    <tr>
      <th scope="row">
        {symbol} <span className="muted">{protocol_name}</span>
      </th>
      <td>
        <div className="slide">
          <input
            type="range"
            aria-label={words.apyOf(symbol, protocol_name)}
            aria-valuetext={percent(apy)}
            min={Math.min(0, Math.floor(expected_apy.value))}
            max={most}
            step={0.05}
            value={apy}
            onChange={({ currentTarget }) => onChange(market_id, currentTarget.valueAsNumber)}
          />
          <span className="figure">{percent(apy)}</span>
        </div>
      </td>
      <td className="number">{score(risk)}</td>
      <td>
        <div className="slide">
          <svg className="share-bar" aria-hidden="true" viewBox="0 0 100 8" preserveAspectRatio="none">
            <rect width={part ?? 0} height="8" />
          </svg>
          <span className="figure">{percent(part)}</span>
        </div>
      </td>
    </tr>
  );
});
