import {
  type DataSource,
  type ForecastInput,
  forecastReceiptPath,
  type RiskForecast,
  type RiskForecastItem,
  type YieldForecast,
  type YieldForecastItem,
} from "@obsqra/contract";
import {
  type Actor,
  AppError,
  cutToBytes,
  momentInKey,
  nameInKey,
  readCursor,
  rowsToRead,
  toPage,
} from "@obsqra/platform";
import { z } from "zod";
import { toDataSource } from "../../market/market.service.ts";
import { refuseUnknownFilter } from "../../market/protocols.service.ts";
import { secondsToRefresh } from "../../market/refresh-schedule.service.ts";
import { checkModel } from "../models/check-model.ts";
import type { StoredModelRow } from "../models/models.queries.ts";
import { type ForecastKind, type ModelsDependencies, toForecastModel } from "../models/models.service.ts";
import { expireWith } from "./expiry.ts";
import { explanationOf } from "./explanation.ts";
import type { ForecastRow } from "./forecasts.fragments.ts";
import { listForecasts } from "./forecasts.queries.ts";
import {
  findOptimizationBasis,
  type MarketRow,
  type OptimizationBasis,
} from "./optimization-basis.queries.ts";

/**
 * Forecasts of the risk score.
 *
 * @throws AppError PROTOCOL_UNKNOWN, FORECASTS_NOT_READY, CURSOR_INVALID
 */
export async function getRiskForecast(deps: ModelsDependencies, input: ForecastInput): Promise<RiskForecast> {
  const { rows, ...page } = await getForecasts(deps, "risk", input);
  return {
    ...page,
    items: rows.map((row) => ({ ...toRiskItem(row), ...explanationOf(row, "risk", input) })),
  };
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
  return {
    ...page,
    items: rows.map((row) => ({ ...toYieldItem(row), ...explanationOf(row, "yield", input) })),
  };
}

/** Forecasts per protocol that are not stale, and the model that made them: what the optimiser builds on. */
interface ProtocolForecasts {
  readonly version: string;
  readonly horizon_days: number;
  readonly byProtocol: ReadonlyMap<string, ForecastRow>;
}

/** What an optimisation rests on, with the forecasts of both kinds. */
export interface FreshBasis {
  readonly data_source: DataSource;
  /** Of the data that is served. */
  readonly importId: string;
  /** The newest day that the forecasts knew. */
  readonly as_of: Date;
  readonly risk: ProtocolForecasts;
  readonly yield: ProtocolForecasts;
  /** With forecasts that are too old marked as stale. */
  readonly markets: readonly MarketRow[];
}

/**
 * Reads everything that an optimisation for this owner rests on, as it was at one moment.
 *
 * @param marketsMax so many markets are looked at
 */
export async function getOptimizationBasis(
  { db, clock, marketSource, actor }: ModelsDependencies & { readonly actor: Pick<Actor, "owner_id"> },
  marketsMax: number,
): Promise<OptimizationBasis> {
  return findOptimizationBasis(db, {
    source: marketSource,
    now: clock(),
    owner_id: actor.owner_id,
    marketsMax,
  });
}

/**
 * The forecasts of a basis that are not stale.
 *
 * @throws AppError FORECASTS_NOT_READY when there are none of a kind
 */
export function freshForecasts(deps: ModelsDependencies, basis: OptimizationBasis): FreshBasis {
  const { served_import } = basis;
  if (served_import === null) throw notReady(deps, "history");
  const newestDay = new Date(served_import.newest_day);
  const expire = expireWith(deps, newestDay);
  const ofKind = (model: StoredModelRow | null, rows: readonly ForecastRow[]): ProtocolForecasts => {
    const fresh = rows.map(expire).filter(({ stale }) => !stale);
    if (model === null || rows.length === 0) throw notReady(deps, "model", newestDay);
    if (fresh.length === 0) throw notReady(deps, "current_history", newestDay);
    const { version, horizon_days } = checkModel(model);
    return {
      version,
      horizon_days,
      byProtocol: new Map(fresh.map((row) => [row.protocol, row])),
    };
  };
  return {
    data_source: toDataSource(deps.marketSource, served_import),
    importId: served_import.id,
    as_of: newestDay,
    risk: ofKind(basis.risk_model, basis.risk),
    yield: ofKind(basis.yield_model, basis.yield),
    markets: basis.markets.map((market) => ({
      ...market,
      risk: market.risk && expire(market.risk),
      yield: market.yield && expire(market.yield),
    })),
  };
}

/**
 * Model and newest day of the first page, then value, protocol and market of the last row. Further pages are of the same
 * forecasts: another model, or another day, has other values, and so another order.
 */
const pageKey = z.tuple([nameInKey, momentInKey, z.number(), nameInKey, nameInKey]);

/** The names of its fields alone take more. */
const rowBytesMin = 400;

async function getForecasts(deps: ModelsDependencies, kind: ForecastKind, input: ForecastInput) {
  const view = { list: `${kind}_forecast`, owner_id: undefined, input };
  const after = readCursor(view, pageKey);
  const { marketSource } = deps;
  const limit = rowsToRead(input.limit, rowBytesMin);
  const {
    served_import,
    known_protocols,
    model: stored,
    items,
  } = await listForecasts(deps.db, {
    kind,
    source: marketSource,
    now: deps.clock(),
    model_version: after?.[0],
    granularity: input.granularity,
    protocol: input.protocol,
    until: after && new Date(after[1]),
    limit,
    sort: input.sort,
    explain: input.explain,
    after: after && { value: after[2], protocol: after[3], market_id: after[4] },
  });
  refuseUnknownFilter(input.protocol, known_protocols);
  if (stored === null && after !== undefined) throw new AppError("CURSOR_INVALID", undefined);
  if (served_import === null) throw notReady(deps, "history");
  const newestDay = new Date(served_import.newest_day);
  if (stored === null) throw notReady(deps, "model", newestDay);
  const model = checkModel(stored);
  const firstDay = after?.[1] ?? newestDay.toISOString();
  const page = toPage(view, cutToBytes(items, limit), (row) => [
    model.version,
    firstDay,
    row.value,
    row.protocol,
    row.market_id ?? "",
  ]);
  return {
    horizon_days: model.horizon_days,
    model: toForecastModel(model),
    data_source: toDataSource(marketSource, served_import),
    rows: page.items.map(expireWith(deps, newestDay)),
    next_cursor: page.next_cursor,
  };
}

/** As long as training takes, more or less. */
const trainingSeconds = 60;

/** That there is nothing to advise on, and by when that may be over. */
function notReady(
  { clock, marketSource }: ModelsDependencies,
  missing: "history" | "model" | "current_history",
  newestDay?: Date,
): AppError {
  return new AppError("FORECASTS_NOT_READY", {
    missing,
    newest_day: newestDay?.toISOString() ?? null,
    retry_after_seconds: missing === "model" ? trainingSeconds : secondsToRefresh(marketSource, clock()),
  });
}

function toRiskItem(row: ForecastRow): RiskForecastItem {
  return {
    ...toItem(row),
    risk_score: row.value,
    current_risk_score: row.current_value,
    baseline_risk_score: row.baseline_value,
    illiquidity_probability: row.illiquidity_probability,
    unknown_inputs: [...row.unknown_inputs],
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
    id: row.id,
    receipt: forecastReceiptPath(row.id),
    protocol: row.protocol,
    market_id: row.market_id,
    symbol: row.symbol,
    as_of: new Date(row.as_of).toISOString(),
    target_at: new Date(row.target_at).toISOString(),
    stale: row.stale,
    confidence: row.confidence,
    confidence_tolerance: row.confidence_tolerance,
    interval_level: row.interval_level,
    lower: row.lower,
    upper: row.upper,
    intervals: row.intervals,
    served_by: row.served_by,
    forecaster: { weights: row.experts },
    model_version: row.model_version,
  };
}
