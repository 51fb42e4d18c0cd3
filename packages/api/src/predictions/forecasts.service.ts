import type {
  ForecastInput,
  RiskForecast,
  RiskForecastItem,
  YieldForecast,
  YieldForecastItem,
} from "@obsqra/contract";
import { z } from "zod";
import { assertKnownProtocols } from "../analytics/protocols.service.ts";
import { AppError } from "../app-error.ts";
import { decodeCursor, nameInKey, toPage } from "../cursor.ts";
import { describeDataSource, findImport, isMarketFile } from "../market/market.service.ts";
import { dateToDay, dayToDate } from "../market/market-days.ts";
import { type ForecastRow, listForecasts } from "./forecasts.queries.ts";
import { describeLiveModel, type ForecastKind, type ModelsDependencies } from "./models.service.ts";

/**
 * Forecasts of the risk score.
 *
 * @throws AppError PROTOCOL_UNKNOWN, FORECASTS_NOT_READY, CURSOR_INVALID
 */
export async function getRiskForecast(deps: ModelsDependencies, input: ForecastInput): Promise<RiskForecast> {
  const { rows, ...page } = await getForecasts(deps, "risk", input);
  return { ...page, items: rows.map(toRiskItem) };
}

/**
 * Forecasts of the mean APY.
 *
 * @throws AppError PROTOCOL_UNKNOWN, FORECASTS_NOT_READY, CURSOR_INVALID
 */
export async function getYieldForecast(
  deps: ModelsDependencies,
  input: ForecastInput,
): Promise<YieldForecast> {
  const { rows, ...page } = await getForecasts(deps, "yield", input);
  return { ...page, items: rows.map(toYieldItem) };
}

/**
 * The newest forecast per protocol that is not stale: what the optimiser builds on.
 *
 * @throws AppError FORECASTS_NOT_READY when there is none
 */
export async function listProtocolForecasts(
  deps: ModelsDependencies,
  kind: ForecastKind,
): Promise<{ version: string; byProtocol: ReadonlyMap<string, ForecastRow> }> {
  const { model } = await describeLiveModel(deps, kind);
  const history = await describeHistory(deps);
  const rows = await listForecasts(deps.db, {
    kind,
    source: deps.marketSource,
    model_version: model.version,
    granularity: "protocol",
    protocol: undefined,
    until: history.until,
    limit: 10_000,
    after: undefined,
  });
  const fresh = rows.map(expireWith(deps, history.newestDay)).filter(({ stale }) => !stale);
  if (fresh.length === 0) throw new AppError("FORECASTS_NOT_READY", undefined);
  return { version: model.version, byProtocol: new Map(fresh.map((row) => [row.protocol, row])) };
}

async function getForecasts(deps: ModelsDependencies, kind: ForecastKind, input: ForecastInput) {
  const list = `${kind}_forecast`;
  const after = decodeCursor(input.cursor, z.tuple([z.literal(list), nameInKey, nameInKey]));
  await assertKnownProtocols(deps, input.protocol === undefined ? [] : [input.protocol]);
  const { model, horizon_days } = await describeLiveModel(deps, kind);
  const history = await describeHistory(deps);
  const rows = await listForecasts(deps.db, {
    kind,
    source: deps.marketSource,
    model_version: model.version,
    granularity: input.granularity,
    protocol: input.protocol,
    until: history.until,
    limit: input.limit + 1,
    after: after && { protocol: after[1], market_id: after[2] },
  });
  const page = toPage(rows, input.limit, (row) => [list, row.protocol, row.market_id ?? ""]);
  return {
    horizon_days,
    model,
    data_source: await describeDataSource(deps),
    rows: page.items.map(expireWith(deps, history.newestDay)),
    next_cursor: page.next_cursor,
  };
}

/** What has been observed. */
interface ObservedHistory {
  readonly newestDay: Date;
  /** The newest day that may be forecast from: a file that is replaced by a shorter one takes its forecasts along. */
  readonly until: Date | undefined;
}

async function describeHistory(deps: ModelsDependencies): Promise<ObservedHistory> {
  const latest = await findImport(deps, deps.marketSource);
  // Every model comes from an import.
  if (latest === undefined) throw new AppError("FORECASTS_NOT_READY", undefined);
  const newestDay = dayToDate(dateToDay(latest.observed_until));
  return { newestDay, until: isMarketFile(deps.marketSource) ? newestDay : undefined };
}

/**
 * A feed speaks about today, so its forecasts expire; history in a file is replayed as of its last day. A market that
 * was silent for so long that its forecast's time has passed is stale in either.
 */
function expireWith(
  { clock, marketSource }: ModelsDependencies,
  newestDay: Date,
): (row: ForecastRow) => ForecastRow {
  const now = clock();
  const expires = !isMarketFile(marketSource);
  return (row) => ({
    ...row,
    stale: row.stale || row.target_at < newestDay || (expires && row.target_at <= now),
  });
}

function toRiskItem(row: ForecastRow): RiskForecastItem {
  return {
    ...toItem(row),
    risk_score: row.value,
    current_risk_score: row.current_value,
    baseline_risk_score: row.baseline_value,
    illiquidity_probability: row.illiquidity_probability,
  };
}

function toYieldItem(row: ForecastRow): YieldForecastItem {
  return {
    ...toItem(row),
    apy: row.value,
    current_apy: row.current_value,
    baseline_apy: row.baseline_value,
  };
}

function toItem(row: ForecastRow) {
  return {
    protocol: row.protocol,
    market_id: row.market_id,
    symbol: row.symbol,
    as_of: row.as_of.toISOString(),
    target_at: row.target_at.toISOString(),
    stale: row.stale,
    confidence: row.confidence,
    confidence_tolerance: row.confidence_tolerance,
    interval_level: row.interval_level,
    lower: row.lower,
    upper: row.upper,
    intervals: row.intervals,
    served_by: row.served_by,
    model_version: row.model_version,
  };
}
