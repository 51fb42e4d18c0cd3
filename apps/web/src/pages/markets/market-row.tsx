import type { Market } from "@obsqra/client";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { Band } from "../../components/band.tsx";
import { Explained } from "../../components/explained.tsx";
import { RiskFigure, StatusTag } from "../../components/figures.tsx";
import { Sparkline } from "../../components/sparkline.tsx";
import { fullDay, level, percent, share, usd, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { market: words, shell } = texts;

interface MarketRowProps {
  readonly market: Market;
  readonly rowIndex: number;
  readonly top: number;
  readonly largest: number;
}

/** A market in a line. Drawn anew only when it changes: the table is with each scroll. */
export const MarketRow = memo(function MarketRow({ market, rowIndex, top, largest }: MarketRowProps) {
  const asOf = shell.asOf(fullDay(market.as_of));
  return (
    <div
      role="row"
      aria-rowindex={rowIndex}
      className="grid-row"
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="cell" className="market-name">
        <Link to="/markets/$marketId" params={{ marketId: market.market_id }}>
          {market.symbol}
        </Link>
        <span>
          {market.protocol_name} · {market.chain}
        </span>
      </div>
      <div role="cell" className="wide muted">
        {words.kinds[market.kind]}
      </div>
      <div role="cell" className="number">
        <Explained lines={[apySplit(market), asOf]}>{percent(market.apy)}</Explained>
      </div>
      <div role="cell" className="medium">
        <Sparkline values={market.recent_apy} label={words.trendOf(market.symbol)} />
      </div>
      <div role="cell" className="medium">
        <Expected market={market} largest={largest} />
      </div>
      <div role="cell">
        <RiskFigure value={market.risk_score} unknownInputs={market.unknown_inputs} lines={[asOf]} />
      </div>
      <div role="cell" className="number medium">
        <Explained lines={[`$${whole(market.tvl_usd)}`, asOf]}>{usd(market.tvl_usd)}</Explained>
      </div>
      <div role="cell" className="number wide">
        {share(market.utilization)}
      </div>
      <div role="cell" className="medium">
        <StatusTag status={market.status} isFrozen={market.frozen} />
      </div>
    </div>
  );
});

function apySplit({ apy_base, apy_reward }: Market): string | undefined {
  if (apy_base === null || apy_reward === null) return undefined;
  return words.page.apySplit(percent(apy_base), percent(apy_reward));
}

function Expected({ market, largest }: Pick<MarketRowProps, "market" | "largest">) {
  const { expected_apy: expected } = market;
  if (expected === null) return <span className="muted">{words.noForecast}</span>;
  const band = words.expectedBand(
    level(expected.interval_level),
    percent(expected.lower),
    percent(expected.upper),
  );
  return (
    <div className={expected.stale ? "expected stale" : "expected"}>
      <span>
        <Explained
          lines={[
            band,
            words.page.until(fullDay(expected.target_at)),
            expected.stale ? words.staleLong : undefined,
          ]}
        >
          {percent(expected.value)}
        </Explained>
      </span>
      <Band expected={expected} now={market.apy} max={largest} />
    </div>
  );
}
