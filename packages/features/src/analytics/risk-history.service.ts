import type { RiskHistory, RiskHistoryInput, RiskPoint } from "@obsqra/contract";
import { riskHistory } from "@obsqra/contract";
import { cutToBytes, momentInKey, nameInKey, readCursor, rowsToRead, toPage } from "@obsqra/platform";
import { z } from "zod";
import { type CachedResponseDependencies, respondFromCache } from "../market/cached-response.service.ts";
import { toDataSource } from "../market/market.service.ts";
import { refuseUnknownFilter } from "../market/protocols.service.ts";
import { listRiskHistory, type RiskPointRow } from "./risk-history.queries.ts";

/** The newest observation when the first page was read; then day, protocol and market of the last row. */
const pageKey = z.tuple([momentInKey, momentInKey, nameInKey, nameInKey]);

/** The names of its fields alone take more. */
const rowBytesMin = 200;

/**
 * Risk scores and yields over the days up to the newest observation. Further pages are of the same days as the first, also
 * when newer observations have come in between.
 *
 * @throws AppError PROTOCOL_UNKNOWN, CURSOR_INVALID
 */
export async function getRiskHistory(
  deps: CachedResponseDependencies,
  input: RiskHistoryInput,
): Promise<RiskHistory> {
  const response = { name: "risk_history", input, schema: riskHistory };
  return respondFromCache(deps, response, () => computeRiskHistory(deps, input));
}

async function computeRiskHistory(
  { db, clock, marketSource }: CachedResponseDependencies,
  input: RiskHistoryInput,
): Promise<RiskHistory> {
  const view = { list: "risk_history", owner_id: undefined, input };
  const after = readCursor(view, pageKey);
  const limit = rowsToRead(input.limit, rowBytesMin);
  const { served_import, known_protocols, items } = await listRiskHistory(db, {
    source: marketSource,
    now: clock(),
    protocol: input.protocol,
    market_id: input.market_id,
    days: input.days,
    until: after && new Date(after[0]),
    granularity: input.market_id === undefined ? input.granularity : "market",
    limit,
    sort: input.sort,
    after: after && { as_of: new Date(after[1]), protocol: after[2], market_id: after[3] },
  });
  refuseUnknownFilter(input.protocol, known_protocols);
  const dataSource = toDataSource(marketSource, served_import);
  const newest =
    after?.[0] ?? (served_import === null ? "" : new Date(served_import.newest_day).toISOString());
  const page = toPage(view, cutToBytes(items.map(toRiskPoint), limit), (point) => [
    newest,
    point.as_of,
    point.protocol,
    point.market_id ?? "",
  ]);
  return { data_source: dataSource, ...page };
}

function toRiskPoint(row: RiskPointRow): RiskPoint {
  return {
    protocol: row.protocol,
    market_id: row.market_id,
    symbol: row.symbol,
    as_of: new Date(row.as_of).toISOString(),
    risk_score: row.risk_score,
    apy: row.apy,
    tvl_usd: row.tvl_usd,
    utilization: row.utilization,
    volatility: row.volatility,
    liquidity_tier: row.liquidity_tier,
    market_count: row.market_count,
    unknown_inputs: [...row.unknown_inputs],
  };
}
