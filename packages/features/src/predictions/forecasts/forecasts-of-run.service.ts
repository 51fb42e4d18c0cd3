import type { Database } from "@obsqra/db";
import { illiquidityHorizonDays } from "@obsqra/ml";
import {
  type ForecastRun,
  listIlliquidityForecastsOf,
  listProtocolForecastsOf,
} from "./forecasts-of-run.queries.ts";

interface RunDependencies {
  readonly db: Database;
  readonly marketSource: string;
}

/** What a model forecasts of a protocol. */
export interface ProtocolForecast {
  readonly protocol: string;
  /** Forecast for `target_at`: a risk score from 0 to 100, or the mean APY until then in percent. */
  readonly value: number;
  /** The same as it is now. */
  readonly current_value: number;
  readonly target_at: string;
}

/** The forecasts of protocols that a model has made from an import, without those that had run out by then. */
export async function getProtocolForecastsOf(
  { db, marketSource }: RunDependencies,
  run: Omit<ForecastRun, "source"> & { readonly kind: "risk" | "yield" },
): Promise<ProtocolForecast[]> {
  const rows = await listProtocolForecastsOf(db, { ...run, source: marketSource });
  return rows.map((row) => ({ ...row, target_at: row.target_at.toISOString() }));
}

/** How likely it is that a market of a protocol becomes illiquid. */
export interface IlliquidityForecast {
  readonly protocol: string;
  /** Of the market. */
  readonly symbol: string;
  /** Percent. */
  readonly value: number;
  /** Up to the end of this day. */
  readonly until: string;
}

const dayMs = 86_400_000;

/** Of each protocol the lending market that is the most likely to become illiquid, of those that are not yet. */
export async function getIlliquidityForecastsOf(
  { db, marketSource }: RunDependencies,
  run: Omit<ForecastRun, "source">,
): Promise<IlliquidityForecast[]> {
  const rows = await listIlliquidityForecastsOf(db, { ...run, source: marketSource });
  return rows.map(({ protocol, symbol, probability, as_of }) => ({
    protocol,
    symbol,
    value: 100 * probability,
    until: new Date(as_of.getTime() + illiquidityHorizonDays * dayMs).toISOString(),
  }));
}
