import type { RiskHistory, RiskHistoryInput, RiskPoint } from "@obsqra/contract";
import { riskHistory } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { momentInKey, nameInKey, readCursor, toPage } from "@obsqra/platform";
import { z } from "zod";
import { answerFromCache, type CachedAnswerDependencies } from "../market/cached-response.service.ts";
import { describeDataSource } from "../market/market.service.ts";
import { dateToDay, dayToDate } from "../market/market-days.ts";
import { assertKnownProtocols } from "../market/protocols.service.ts";
import { listMarketRisk, listProtocolRisk, type RiskPointRow } from "./risk-history.queries.ts";

/** What reading market figures uses. */
export interface AnalyticsDependencies {
  readonly db: Database;
  readonly marketSource: string;
}

/** The newest observation when the first page was read; then day, protocol and market of the last row. */
const pageKey = z.tuple([momentInKey, momentInKey, nameInKey, nameInKey]);

/**
 * Risk scores and yields over the days up to the newest observation. Further pages are of the same days as the first, also
 * when newer observations have come in between.
 *
 * @throws AppError PROTOCOL_UNKNOWN, CURSOR_INVALID
 */
export async function getRiskHistory(
  deps: CachedAnswerDependencies,
  input: RiskHistoryInput,
): Promise<RiskHistory> {
  const question = { name: "risk_history", input, answer: riskHistory };
  return answerFromCache(deps, question, () => computeRiskHistory(deps, input));
}

async function computeRiskHistory(
  deps: AnalyticsDependencies,
  input: RiskHistoryInput,
): Promise<RiskHistory> {
  const view = { list: "risk_history", owner_id: undefined, input };
  const after = readCursor(view, pageKey);
  await assertKnownProtocols(deps, input.protocol === undefined ? [] : [input.protocol]);
  const dataSource = await describeDataSource(deps);
  if (dataSource.as_of === null) return { data_source: dataSource, items: [], next_cursor: null };
  const newest = after?.[0] ?? dataSource.as_of;
  const list = input.granularity === "market" ? listMarketRisk : listProtocolRisk;
  const rows = await list(deps.db, {
    source: deps.marketSource,
    protocol: input.protocol,
    ...periodUpTo(newest, input.days),
    limit: input.limit + 1,
    sort: input.sort,
    after: after && { as_of: new Date(after[1]), protocol: after[2], market_id: after[3] },
  });
  const page = toPage(view, rows, (row) => [
    newest,
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
