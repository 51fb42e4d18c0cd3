import { illiquidUtilization } from "@obsqra/ml";
import { type RawBuilder, sql } from "kysely";

/** Whether an observation shows a market illiquid, as the forecast means it (packages/ml/src/illiquidity); for a `from market_history`. */
export const showsIlliquid = sql<boolean>`(coalesce(frozen, false) or coalesce(paused, false)
  or (coalesce(utilization, 0) > ${sql.lit(illiquidUtilization)} and not 'impossible_utilization' = any(quality)))`;

/** Observations that the models take, too. */
export const isUsable = sql<boolean>`not 'impossible' = any(quality)`;

/** Whether a market was last seen illiquid on a UTC day. */
export function isIlliquidColumn({
  market,
  source,
  day,
}: {
  readonly market: RawBuilder<unknown>;
  readonly source: string;
  readonly day: RawBuilder<unknown>;
}): RawBuilder<boolean> {
  return sql<boolean>`coalesce((
    select ${showsIlliquid} from market_history
    where market_id = ${market} and source = ${source} and observed_at >= ${day}
      and observed_at < ${day} + interval '24 hours' and ${isUsable}
    order by observed_at desc limit 1
  ), false)`;
}
