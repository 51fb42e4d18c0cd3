import { AdaptiveCalibration } from "../calibration/adaptive-calibration.ts";
import type { ForecastHistory, RowForecasts } from "../calibration/forecast-history.ts";
import { marketHistory, protocolHistory, protocolsOf } from "../calibration/forecast-history.ts";
import type { ExpertWeight } from "../experts/experts.ts";
import { expertNames, namedWeights } from "../experts/experts.ts";
import { ProtocolCombination } from "../experts/protocol-combination.ts";
import { explainForecasts } from "../explanation/explain-forecasts.ts";
import { illiquidityProbabilities } from "../illiquidity/illiquidity.ts";
import { MlError } from "../ml-error.ts";
import type { LoadedModel } from "../model-format/model-artefact.ts";
import { assertFeatures } from "../model-format/model-artefact.ts";
import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { assertPanel, byMarketId, lastDayOf, truncateSeries } from "../panel/market-series.ts";
import { protocolWeights, weightedSum } from "../panel/protocol-weights.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import { newestRows, selectRows } from "../panel/sample-table.ts";
import { countedMarkets, staleDays } from "../risk/counted-markets.ts";
import type { ScoreRisk } from "../risk/risk-metrics.ts";
import type { Distribution, Interval } from "./forecast-space.ts";
import { forward } from "./forecast-space.ts";
import { forecastTask } from "./forecast-task.ts";
import type { ForecastDetails, MarketForecast, PanelForecasts, ProtocolForecast } from "./forecast-types.ts";
import { combinedForecasts, rowScales, unlearnedSince } from "./point-forecast.ts";
import { protocolRows } from "./protocol-rows.ts";

/**
 * Which arithmetic this is: forecasts of the same revision from the same files are the same to the last bit. A change of any figure needs
 * the next number, which a test asks for.
 */
export const forecastRevision = 2;

/** What forecasting needs besides the model and the data. */
export interface ForecastOptions {
  /** The RiskEngine's arithmetic; the yield model does not call it. */
  scoreRisk: ScoreRisk;
  /** Whether each forecast is to say what it is made up of. @default false */
  isExplained?: boolean;
  /** Forecast as if this day had just ended: later observations are not read. @default the newest day of the panel */
  asOfDay?: number;
}

/**
 * Forecasts every market at its last day with enough history, and every protocol. First the model takes in what has become of its
 * forecasts of all days whose outcomes it has not learned from, so that its intervals stay calibrated. Pure.
 *
 * @throws MlError `INVALID_SERIES`; `UNSUPPORTED_ARTEFACT` when the model was trained on other features
 */
export function forecastPanel(
  model: LoadedModel,
  panel: readonly MarketSeries[],
  options: ForecastOptions,
): PanelForecasts {
  assertPanel(panel);
  const { header, space } = model;
  const { asOfDay = lastDayOf(panel) } = options;
  // In the order of training and evaluation, so that rounding and ties fall as they did there.
  const visible = [...panel].sort(byMarketId).map((series) => truncateSeries(series, asOfDay));
  const task = forecastTask(header.kind, {
    horizonDays: header.horizon_days,
    apyCapPercent: header.apy_cap_percent,
    scoreRisk: options.scoreRisk,
  });
  const firstDay = unlearnedSince(header.as_of_day, header.horizon_days);
  const table = task.table(visible, firstDay);
  assertFeatures(model, table.featureNames);
  const forecasts = forecastRows(model, task, table, visible);
  // Protocols that appeared after the training are numbered after those of the model.
  const protocolNames = [...new Set([...header.protocols, ...protocolsOf(visible)])];
  const calibrations = calibrationsAt(model, visible, { table, forecasts, asOfDay, protocolNames });
  const illiquidity = new Map(
    model.illiquidity === undefined
      ? []
      : illiquidityProbabilities(model.illiquidity, visible).map((each) => [
          each.market_id,
          each.probability,
        ]),
  );
  const protocolNumber = new Map(protocolNames.map((name, index) => [name, index]));
  const rows = newestRows(table);
  const sorted = rows.map((row): MarketForecast => {
    const series = visible[at(table.market, row)];
    const protocol = series?.protocol ?? "";
    const scale = at(forecasts.scales, row);
    const tvl = at(table.tvlUsd, row);
    const distribution = calibrations.markets.distribution({
      centre: at(forecasts.centres, row),
      scale,
      protocol: protocolNumber.get(protocol) ?? -1,
      moving: at(table.moving, row) === 1,
    });
    return {
      market_id: series?.market_id ?? "",
      protocol,
      ...figures(model, at(table.day, row), distribution),
      current: at(table.current, row),
      baseline_value: at(table.baselines[header.baseline], row),
      details: {
        ...details(model, distribution, namedWeights(weightsAt(forecasts.weights, row))),
        scale,
        tvl_usd: Number.isFinite(tvl) ? tvl : null,
        illiquidity_probability: illiquidity.get(series?.market_id ?? "") ?? null,
      },
    };
  });
  const forecastOf = new Map(sorted.map((forecast) => [forecast.market_id, forecast]));
  const markets = panel.flatMap(({ market_id }) => forecastOf.get(market_id) ?? []);
  const { protocolWeights: shares } = calibrations;
  const protocols = aggregate(ofCountedMarkets(markets, visible), shares, (protocol, point) => {
    const centre = forward(space, point.value);
    const distribution = calibrations.protocols.distribution({
      centre,
      scale: point.scale,
      protocol: protocolNumber.get(protocol) ?? -1,
      moving: true,
    });
    return {
      ...figures(model, point.day, distribution),
      details: {
        ...details(model, distribution, point.experts),
        weights: point.basis,
        scale: point.scale,
      },
    };
  });
  if (options.isExplained !== true) return { markets, protocols };
  const marketIds = sorted.map(({ market_id }) => market_id);
  const made = { task, table, rows, marketIds, weights: forecasts.weights, marketsShare: shares.markets };
  return explainForecasts(model, { markets, protocols }, made);
}

/** A protocol's point before it gets its intervals. */
interface ProtocolPoint {
  day: number;
  value: number;
  scale: number;
  basis: "tvl" | "equal";
  experts: ExpertWeight[];
}

/** The markets that make up their protocol's forecast: those that count. */
function ofCountedMarkets(
  markets: readonly MarketForecast[],
  panel: readonly MarketSeries[],
): MarketForecast[] {
  const counted = countedMarkets(panel);
  const protocols = new Set(
    markets.filter(({ market_id }) => counted.has(market_id)).map(({ protocol }) => protocol),
  );
  return markets.filter(({ market_id, protocol }) => counted.has(market_id) || !protocols.has(protocol));
}

function aggregate(
  forecasts: readonly MarketForecast[],
  shares: ProtocolCombination["weights"],
  finish: (
    protocol: string,
    point: ProtocolPoint,
  ) => Omit<ProtocolForecast, "protocol" | "current" | "baseline_value" | "markets">,
): ProtocolForecast[] {
  const byProtocol = Map.groupBy(forecasts, ({ protocol }) => protocol);
  return [...byProtocol].map(([protocol, all]) => {
    const day = all.reduce((newest, { as_of_day }) => Math.max(newest, as_of_day), Number.NEGATIVE_INFINITY);
    const fresh = all.filter(({ as_of_day }) => as_of_day >= day - staleDays);
    const { basis, weights } = protocolWeights(fresh.map(({ details }) => details.tvl_usd ?? Number.NaN));
    const total = (read: (market: MarketForecast) => number) =>
      weightedSum(weights, (index) => {
        const market = fresh[index];
        return market === undefined ? Number.NaN : read(market);
      });
    const current = total((market) => market.current);
    const value = shares.lastValue * current + shares.markets * total((market) => market.value);
    const scale = total((market) => market.details.scale);
    return {
      protocol,
      ...finish(protocol, { day, value, scale, basis, experts: expertsOf(total, shares) }),
      current,
      baseline_value: total((market) => market.baseline_value),
      markets: fresh.flatMap(({ market_id }, index) => {
        const weight = weights[index] ?? 0;
        return weight > 0 ? [{ market_id, weight }] : [];
      }),
    };
  });
}

/** The shares of the experts in the forecast of a protocol: of its last value, and, through the forecasts of its markets, of all. */
function expertsOf(
  total: (read: (market: MarketForecast) => number) => number,
  shares: ProtocolCombination["weights"],
): ExpertWeight[] {
  return namedWeights(
    expertNames.map((name) => {
      const ofMarkets = total(
        ({ details }) => details.experts.find((expert) => expert.name === name)?.weight ?? 0,
      );
      return shares.markets * ofMarkets + (name === "last_value" ? shares.lastValue : 0);
    }),
  );
}

/** Points and scales of all rows of a table, and the experts' weights, row-major. */
function forecastRows(
  { header, space, point, scale }: LoadedModel,
  task: ReturnType<typeof forecastTask>,
  table: SampleTable,
  panel: readonly MarketSeries[],
): RowForecasts & { weights: Float64Array } {
  const rows = selectRows(table, () => true);
  const { values, weights } = combinedForecasts(
    { table, task, panel, horizonDays: header.horizon_days },
    { point, space, asOfDay: header.as_of_day, prior: header.experts.prior, learned: header.experts.learned },
    rows,
  );
  const centres = values.map((value) => forward(space, value));
  return { rows, centres, scales: rowScales(table, scale, rows), weights };
}

/** What is known about the model's errors at the end of a day, and so about the weights of protocols: from its test, and made since. */
function calibrationsAt(
  model: LoadedModel,
  panel: readonly MarketSeries[],
  known: {
    table: SampleTable;
    forecasts: RowForecasts;
    asOfDay: number;
    /** What the protocol numbers stand for; begins with those of the model. */
    protocolNames: readonly string[];
  },
): {
  markets: AdaptiveCalibration;
  protocols: AdaptiveCalibration;
  protocolWeights: ProtocolCombination["weights"];
} {
  const { header, space } = model;
  const { table, forecasts, asOfDay, protocolNames } = known;
  const firstDay = unlearnedSince(header.as_of_day, header.horizon_days);
  const since = (_value: number, row: number) => at(table.day, row) >= firstDay;
  const issued = {
    rows: forecasts.rows.filter(since),
    centres: forecasts.centres.filter(since),
    scales: forecasts.scales.filter(since),
  };
  const own = marketHistory(panel, table, issued, protocolNames);
  const replayed = (tested: ForecastHistory, later: ForecastHistory) => {
    const calibration = new AdaptiveCalibration(space, header.horizon_days);
    const isLater = asOfDay >= header.as_of_day;
    calibration.replay(tested, isLater ? firstDay - 1 : header.as_of_day);
    if (isLater) calibration.replay(later, asOfDay);
    return calibration;
  };
  const rows = protocolRows({ table, panel }, space, issued, protocolNames);
  const combination = new ProtocolCombination(header.horizon_days, header.experts.protocols);
  const values = combination.replay(rows, { lastDay: asOfDay, learnFromDay: firstDay });
  return {
    markets: replayed(model.markets, own),
    protocols: replayed(model.protocols, protocolHistory(rows, space, { values, isKept: () => true })),
    protocolWeights: combination.weights,
  };
}

function figures(model: LoadedModel, day: number, distribution: Distribution) {
  const { header } = model;
  const shown = shownInterval(distribution, header.interval_level);
  return {
    kind: header.kind,
    model_version: model.version,
    as_of_day: day,
    target_day: day + header.horizon_days,
    horizon_days: header.horizon_days,
    value: distribution.value,
    lower: shown.lower,
    upper: shown.upper,
    interval_level: shown.level,
    confidence: distribution.confidence,
    confidence_tolerance: distribution.confidenceTolerance,
    served_by: header.served_by,
  };
}

function weightsAt(weights: Float64Array, row: number): Float64Array {
  return weights.subarray(row * expertNames.length, (row + 1) * expertNames.length);
}

function details(model: LoadedModel, distribution: Distribution, experts: ExpertWeight[]): ForecastDetails {
  return {
    baseline: model.header.baseline,
    experts,
    intervals: distribution.intervals.map(({ level, lower, upper }) => ({ level, lower, upper })),
    interval_unbounded: shownInterval(distribution, model.header.interval_level).unbounded,
  };
}

function shownInterval({ intervals }: Distribution, level: number): Interval {
  const shown = intervals.find((interval) => interval.level === level);
  if (shown === undefined) throw new MlError("INVALID_OPTIONS", `No interval promises ${level}.`);
  return shown;
}
