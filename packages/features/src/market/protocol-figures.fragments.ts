import type { SqlValue } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";

/**
 * `figures_of_protocols` for a `with` clause: whether they are those of the figures of markets. They are not where an import of a
 * version that does not make them was the last; then they are computed.
 */
export function protocolFiguresState(source: SqlValue<string>): RawBuilder<unknown> {
  return sql`figures_of_protocols as materialized (
    select not exists (select from protocol_risk_changes where source = ${source}) as are_current
  )`;
}

/**
 * TVL-weighted mean over a group; equal weights where no market of the group states a TVL. Summed in the order of the
 * markets: a sum of floating-point numbers depends on its order, and the same request has to have the same response.
 */
function weightedMean(column: RawBuilder<unknown>): RawBuilder<number | null> {
  return sql<number | null>`coalesce(
    sum(${column} * risk.tvl_usd order by risk.market_id) filter (where risk.tvl_usd > 0)
      / nullif(
        sum(risk.tvl_usd order by risk.market_id) filter (where risk.tvl_usd > 0 and ${column} is not null), 0),
    avg(${column} order by risk.market_id))::float8`;
}

/** Of rows of `risk_history` as `risk`, grouped. */
export const protocolFigures = sql`
  ${weightedMean(sql`risk.risk_score`)} as risk_score,
  ${weightedMean(sql`risk.apy`)} as apy,
  sum(risk.tvl_usd order by risk.market_id) as tvl_usd,
  ${weightedMean(sql`risk.utilization`)} as utilization,
  ${weightedMean(sql`risk.volatility_bp / 100.0`)} as volatility,
  count(*)::int as market_count`;
