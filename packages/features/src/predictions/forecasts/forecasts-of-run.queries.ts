import type { Database } from "@obsqra/db";
import { sql } from "kysely";
import { isIlliquidColumn } from "../track-record/illiquid.fragments.ts";

/** What a model has made from an import. */
export interface ForecastRun {
  readonly source: string;
  readonly import_id: string;
  readonly model_version: string;
}

/** What a model has forecast of a protocol. */
export interface ProtocolForecastRow {
  readonly protocol: string;
  readonly value: number;
  readonly current_value: number;
  readonly target_at: Date;
}

/** The forecasts of protocols that a model made from an import, by protocol; without those that had run out by then. */
export async function listProtocolForecastsOf(
  db: Database,
  run: ForecastRun & { readonly kind: "risk" | "yield" },
): Promise<ProtocolForecastRow[]> {
  return db
    .selectFrom("predictions")
    .distinctOn("protocol")
    .select(["protocol", "value", "current_value", "target_at"])
    .where("kind", "=", run.kind)
    .where("source", "=", run.source)
    .where("model_version", "=", run.model_version)
    .where("import_id", "=", run.import_id)
    .where("market_id", "is", null)
    .where("stale", "=", false)
    .orderBy("protocol")
    .orderBy("as_of", "desc")
    .execute();
}

/** How likely it is that a lending market becomes illiquid. */
export interface IlliquidityForecastRow {
  readonly protocol: string;
  readonly symbol: string;
  /** 0 to 1. */
  readonly probability: number;
  readonly as_of: Date;
}

/**
 * Of each protocol the lending market that is the most likely to become illiquid, as a model has forecast from an import; without
 * those that were illiquid on the day that it was forecast from, and those that had run out by then.
 */
export async function listIlliquidityForecastsOf(
  db: Database,
  run: ForecastRun,
): Promise<IlliquidityForecastRow[]> {
  const { rows } = await sql<IlliquidityForecastRow>`
    select distinct on (forecast.protocol) forecast.protocol, markets.symbol, forecast.as_of,
      (forecast.details ->> 'illiquidity_probability')::float8 as probability
    from predictions as forecast
    join markets on markets.id = forecast.market_id
    where forecast.kind = 'risk' and forecast.source = ${run.source} and forecast.model_version = ${run.model_version}
      and forecast.import_id = ${run.import_id} and not forecast.stale
      and forecast.details ->> 'illiquidity_probability' is not null
      and not ${isIlliquidColumn({ market: sql`forecast.market_id`, source: run.source, day: sql`forecast.as_of` })}
    order by forecast.protocol, probability desc`.execute(db);
  return rows;
}
