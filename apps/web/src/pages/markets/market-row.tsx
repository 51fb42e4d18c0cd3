import type { Market } from "@obsqra/client";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { Band } from "../../components/band.tsx";
import { Explained } from "../../components/explained.tsx";
import { RiskFigure, StatusTag } from "../../components/figures.tsx";
import { Sparkline } from "../../components/sparkline.tsx";
import { fullDay, level, percent, share, usd, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { market: words, shell, units } = texts;

interface MarketRowProps {
  readonly market: Market;
  readonly rowIndex: number;
  readonly top: number;
  readonly largest: number;
  /** Where the figures are from. */
  readonly source: string | undefined;
}

/** A market in a line. Drawn anew only when it changes: the table is with each scroll. */
export const MarketRow = memo(function MarketRow({ market, rowIndex, top, largest, source }: MarketRowProps) {
  const facts = [shell.asOf(fullDay(market.as_of)), source];
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
        <Explained lines={[units.apy, apySplit(market), ...facts]}>{percent(market.apy)}</Explained>
      </div>
      <div role="cell" className="medium">
        <Sparkline values={market.recent_apy} label={words.trendOf(market.symbol)} />
      </div>
      <div role="cell" className="medium">
        <Expected market={market} largest={largest} source={source} />
      </div>
      <div role="cell">
        <RiskFigure
          value={market.risk_score}
          unknownInputs={market.unknown_inputs}
          lines={[units.risk, ...facts]}
        />
      </div>
      <div role="cell" className="number medium">
        <Explained lines={[`$${whole(market.tvl_usd)}`, units.usd, ...facts]}>
          {usd(market.tvl_usd)}
        </Explained>
      </div>
      <div role="cell" className="number wide">
        {market.utilization === null ? (
          share(null)
        ) : (
          <Explained lines={[units.lentOut, ...facts]}>{share(market.utilization)}</Explained>
        )}
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

function Expected({ market, largest, source }: Pick<MarketRowProps, "market" | "largest" | "source">) {
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
            units.apy,
            band,
            words.page.until(fullDay(expected.target_at)),
            expected.stale ? words.staleLong : undefined,
            source,
          ]}
        >
          {percent(expected.value)}
        </Explained>
      </span>
      <Band expected={expected} now={market.apy} max={largest} />
    </div>
  );
}
