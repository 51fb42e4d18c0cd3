import type {
  ForecastInput,
  RiskForecast,
  RiskForecastItem,
  YieldForecast,
  YieldForecastItem,
} from "@obsqra/contract";
import { AppError, momentInKey, nameInKey, readCursor, toPage } from "@obsqra/platform";
import { z } from "zod";
import { describeDataSource, findImport, isMarketFile } from "../market/market.service.ts";
import { dateToDay, dayToDate } from "../market/market-days.ts";
import { assertKnownProtocols } from "../market/protocols.service.ts";
import { type ForecastRow, listForecasts } from "./forecasts.queries.ts";
import {
  describeDecidedModel,
  describeLiveModel,
  type ForecastKind,
  type ModelsDependencies,
} from "./models.service.ts";

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
    sort: "protocol",
    after: undefined,
  });
  const fresh = rows.map(expireWith(deps, history.newestDay)).filter(({ stale }) => !stale);
  if (fresh.length === 0) throw new AppError("FORECASTS_NOT_READY", undefined);
  return { version: model.version, byProtocol: new Map(fresh.map((row) => [row.protocol, row])) };
}

/**
 * Model and newest day of the first page, then value, protocol and market of the last row. Further pages are of the same
 * forecasts: another model, or another day, has other values, and so another order.
 */
const pageKey = z.tuple([nameInKey, momentInKey, z.number(), nameInKey, nameInKey]);

async function getForecasts(deps: ModelsDependencies, kind: ForecastKind, input: ForecastInput) {
  const view = { list: `${kind}_forecast`, owner_id: undefined, input };
  const after = readCursor(view, pageKey);
  await assertKnownProtocols(deps, input.protocol === undefined ? [] : [input.protocol]);
  const { model, horizon_days } =
    after === undefined
      ? await describeLiveModel(deps, kind)
      : await describeDecidedModel(deps, kind, after[0]);
  const history = await describeHistory(deps);
  const rows = await listForecasts(deps.db, {
    kind,
    source: deps.marketSource,
    model_version: model.version,
    granularity: input.granularity,
    protocol: input.protocol,
    until: after === undefined ? history.until : earliest(history.until, new Date(after[1])),
    limit: input.limit + 1,
    sort: input.sort,
    after: after && { value: after[2], protocol: after[3], market_id: after[4] },
  });
  const firstDay = after?.[1] ?? history.newestDay.toISOString();
  const page = toPage(view, rows, (row) => [
    model.version,
    firstDay,
    row.value,
    row.protocol,
    row.market_id ?? "",
  ]);
  return {
    horizon_days,
    model,
    data_source: await describeDataSource(deps),
    rows: page.items.map(expireWith(deps, history.newestDay)),
    next_cursor: page.next_cursor,
  };
}

function earliest(left: Date | undefined, right: Date): Date {
  return left !== undefined && left < right ? left : right;
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
