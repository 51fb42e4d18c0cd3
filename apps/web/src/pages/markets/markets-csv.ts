import type { Market } from "@obsqra/client";
import type { Cell } from "../../format/csv.ts";

export const csvHeader = [
  "market_id",
  "protocol",
  "symbol",
  "chain",
  "kind",
  "status",
  "as_of",
  "apy_percent",
  "expected_apy_percent",
  "expected_apy_lower",
  "expected_apy_upper",
  "interval_level",
  "target_at",
  "risk_score",
  "tvl_usd",
  "utilization",
];

/** A market as a line of the file, with the figures as they came. */
export function toCsvRow(market: Market): Cell[] {
  const { expected_apy: expected } = market;
  return [
    market.market_id,
    market.protocol,
    market.symbol,
    market.chain,
    market.kind,
    market.status,
    market.as_of,
    market.apy,
    expected?.value ?? null,
    expected?.lower ?? null,
    expected?.upper ?? null,
    expected?.interval_level ?? null,
    expected?.target_at ?? null,
    market.risk_score,
    market.tvl_usd,
    market.utilization,
  ];
}
