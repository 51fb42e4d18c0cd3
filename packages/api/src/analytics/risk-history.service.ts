import type { RiskHistory, RiskHistoryInput, RiskPoint } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { z } from "zod";
import { decodeCursor, momentInKey, nameInKey, toPage } from "../cursor.ts";
import { describeDataSource } from "../market/market.service.ts";
import { dateToDay, dayToDate } from "../market/market-days.ts";
import { assertKnownProtocols } from "./protocols.service.ts";
import { listMarketRisk, listProtocolRisk, type RiskPointRow } from "./risk-history.queries.ts";

/** What reading market figures uses. */
export interface AnalyticsDependencies {
  readonly db: Database;
  readonly marketSource: string;
}

const pageKey = z.tuple([z.literal("risk_history"), momentInKey, nameInKey, nameInKey]);

/**
 * Risk scores and yields over the days up to the newest observation.
 *
 * @throws AppError PROTOCOL_UNKNOWN, CURSOR_INVALID
 */
export async function getRiskHistory(
  deps: AnalyticsDependencies,
  input: RiskHistoryInput,
): Promise<RiskHistory> {
  const after = decodeCursor(input.cursor, pageKey);
  await assertKnownProtocols(deps, input.protocol === undefined ? [] : [input.protocol]);
  const dataSource = await describeDataSource(deps);
  if (dataSource.as_of === null) return { data_source: dataSource, items: [], next_cursor: null };
  const { from, to } = periodUpTo(dataSource.as_of, input.days);
  const lastDay = after === undefined ? to : new Date(after[1]);
  const list = input.granularity === "market" ? listMarketRisk : listProtocolRisk;
  const rows = await list(deps.db, {
    source: deps.marketSource,
    protocol: input.protocol,
    from,
    to: lastDay,
    limit: input.limit + 1,
    after: after && { as_of: new Date(after[1]), protocol: after[2], market_id: after[3] },
  });
  const page = toPage(rows, input.limit, (row) => [
    "risk_history",
    row.as_of.toISOString(),
    row.protocol,
    row.market_id ?? "",
  ]);
  return { data_source: dataSource, items: page.items.map(toRiskPoint), next_cursor: page.next_cursor };
}

/** The given number of UTC days up to the day of a moment, that day included. */
export function periodUpTo(asOf: string, days: number): { from: Date; to: Date } {
  const lastDay = dateToDay(new Date(asOf));
  return { from: dayToDate(lastDay - days + 1), to: dayToDate(lastDay) };
}

function toRiskPoint(row: RiskPointRow): RiskPoint {
  return {
    protocol: row.protocol,
    market_id: row.market_id,
    symbol: row.symbol,
    as_of: row.as_of.toISOString(),
    risk_score: row.risk_score,
    apy: row.apy,
    tvl_usd: row.tvl_usd,
    utilization: row.utilization,
    volatility: row.volatility,
    liquidity_tier: row.liquidity_tier,
    market_count: row.market_count,
  };
}
