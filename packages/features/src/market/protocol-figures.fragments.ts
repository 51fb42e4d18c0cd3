import type { SqlValue } from "@obsqra/db";
import { apyCapPercentDefault, staleDays } from "@obsqra/ml";
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

/** How long a market counts that is silent. In hours, because a day of a time zone may have 23. */
export const longestSilence = sql`make_interval(hours => ${sql.lit(24 * staleDays)})`;

/**
 * The figures of markets by the days on which they count, as a query: on their own day, and, while a market is silent, on the days after
 * it, up to {@link longestSilence}.
 *
 * @param rows of `risk_history` as `risk`, as a `from` clause. Of a market, those between the first and the last have to be among them
 */
export function countedRisk(rows: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select own.source, own.protocol, own.market_id, own.as_of + make_interval(hours => 24 * silent.days) as as_of,
      silent.days as silent_days, own.risk_score, own.apy, own.tvl_usd, own.utilization, own.volatility_bp
    from (
      select risk.*, lead(risk.as_of) over (partition by risk.market_id order by risk.as_of) as next_as_of from ${rows}
    ) as own
    cross join lateral generate_series(
      0, least(${sql.lit(staleDays)}, (extract(epoch from own.next_as_of - own.as_of) / 86400)::int - 1)
    ) as silent (days)`;
}

/** Of {@link countedRisk}, grouped by protocol and day: whether a market has figures of that very day. Others have no figures to be aggregated. */
export const isOfProtocolDay = sql<boolean>`bool_or(risk.silent_days = 0)`;

/**
 * The figures of a protocol, one meaning wherever they are shown: of rows of `risk_history` as `risk`, grouped, the newest of each market
 * that has a risk score and has not been silent for longer than {@link longestSilence}. An APY counts up to the cap that forecasts have, so that one pool's peak
 * does not decide for all.
 */
export const protocolFigures = sql`
  ${weightedMean(sql`risk.risk_score`)} as risk_score,
  ${weightedMean(sql`greatest(least(risk.apy, ${sql.lit(apyCapPercentDefault)}), ${sql.lit(-apyCapPercentDefault)})`)} as apy,
  sum(risk.tvl_usd order by risk.market_id) as tvl_usd,
  ${weightedMean(sql`risk.utilization`)} as utilization,
  ${weightedMean(sql`risk.volatility_bp / 100.0`)} as volatility,
  count(*)::int as market_count`;
