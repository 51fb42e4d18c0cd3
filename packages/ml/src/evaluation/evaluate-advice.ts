import type {
  AdviceRequest,
  AdviceWishes,
  HeldShare,
  MarketAdvice,
  MarketCandidate,
  ProtocolStatus,
} from "../advice/advice-types.ts";
import type { RiskTolerance } from "../advice/tolerances.ts";
import type { ReliabilityBin } from "../calibration/reliability.ts";
import { reliabilityTable } from "../calibration/reliability.ts";
import type { Distribution } from "../forecast/forecast-space.ts";
import { MlError } from "../ml-error.ts";
import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import type { WalkForwardData } from "../training/walk-forward.ts";
import { type AdviceDay, baselinesOf, realisedImprovement, startsOf } from "./advice-outcomes.ts";
import { type AdviceReport, type Outcome, quantile90, reportOf } from "./advice-report.ts";
import { type EvaluationOptions, evaluateForecasts } from "./evaluate-forecasts.ts";
import type { IssuedByRow } from "./issue-forecasts.ts";

/** What advice needs to know of a market besides its series. */
export interface AdviceMarketFacts {
  readonly symbol: string;
  readonly chain: string;
  /** Of its protocol, from a day on; active before. */
  readonly status: ProtocolStatus;
  readonly status_since_day: number | null;
}

/** What to evaluate. */
export interface AdviceEvaluationOptions
  extends Pick<EvaluationOptions, "horizonDays" | "backtestDays" | "apyCapPercent" | "seed" | "scoreRisk"> {
  readonly advise: (request: AdviceRequest) => MarketAdvice;
  readonly facts: ReadonlyMap<string, AdviceMarketFacts>;
  /** Days between suggestions. @default the horizon, so that outcomes do not overlap */
  readonly everyDays?: number;
  readonly onProgress?: (fraction: number, step: string) => void;
}

/** How suggestions did. */
export interface AdviceEvaluation {
  readonly horizon: number;
  readonly first_day: number;
  readonly last_day: number;
  readonly days: number;
  readonly advice: readonly AdviceReport[];
  /** Of the confidence that was stated with moves that nothing forced, whether or not they were advised. */
  readonly reliability: readonly ReliabilityBin[];
  /** The same of the confidence before calibration, in ten bins. */
  readonly raw_reliability: readonly ReliabilityBin[];
  /** Quantile 0.9 of |realised − promised| in units of the stated deviation, of the same moves. */
  readonly deviation_quantile_90: number | null;
}

/** Who is advised, again and again: with these assets, so much of them, and invested already or not. */
const holders: readonly {
  readonly name: string;
  readonly assets: readonly string[];
  readonly amountUsd: number;
}[] = (
  [
    ["USDC", ["USDC"]],
    ["ETH", ["ETH"]],
    ["mixed", ["USDC", "USDT", "DAI", "ETH"]],
  ] as const
).flatMap(([name, assets]) =>
  [1_000, 1_000_000].map((amountUsd) => ({ name: `${name}, ${amountUsd} USD`, assets, amountUsd })),
);

const tolerances: readonly RiskTolerance[] = ["low", "medium", "high"];

/**
 * Follows suggestions as they would have been served: every few days, for each tolerance and typical holder, from nothing and from
 * holdings in markets that are taken in turn, by the forecasts of the walk-forward. Each is followed until the horizon and compared with
 * holding: realised mean APYs, diluted as the advice says and less the same assumed impermanent loss, less all costs. A market that is
 * not observed any more earns nothing; where that is the one that is held, the day does not count. Takes seconds to minutes.
 *
 * @throws MlError `NOT_ENOUGH_HISTORY`, and as `evaluateForecasts`
 */
export function evaluateAdvice(
  panel: readonly MarketSeries[],
  options: AdviceEvaluationOptions,
): AdviceEvaluation {
  const { horizonDays, everyDays = horizonDays, onProgress } = options;
  const forecasts = (target: "yield" | "risk", offset: number) => {
    let served: Served | undefined;
    const report = evaluateForecasts(panel, {
      ...options,
      target,
      onServed: (data, issued) => {
        served = servedBy(data, issued);
      },
      onProgress: (fraction, step) => onProgress?.(offset + 0.45 * fraction, `${target}: ${step}`),
    });
    if (served === undefined) throw new MlError("NOT_ENOUGH_HISTORY", "Nothing was forecast.");
    return { served, report };
  };
  const yields = forecasts("yield", 0);
  const risks = forecasts("risk", 0.45);
  const { first_day, last_day } = yields.report;
  const outcomes: Outcome[] = [];
  let round = 0;
  for (let day = first_day; day <= last_day; day += everyDays) {
    onProgress?.(0.9 + (0.1 * (day - first_day)) / (last_day - first_day + 1), "advising");
    const markets = panel.flatMap((series) => candidatesOn(day, series, { yields, risks, options }));
    outcomes.push(...adviseOn({ day, round, markets, realised: yields.served.realised }, options));
    round += 1;
  }
  onProgress?.(1, "done");
  const judged = outcomes.filter(({ isForced, isMove }) => isMove && !isForced);
  const beats = judged.map(({ realised }) => (realised > 0 ? 1 : 0));
  const confidence = (read: (advice: MarketAdvice) => number) =>
    judged.map(({ advice }) => Math.min(read(advice), 1 - 1e-9));
  return {
    horizon: horizonDays,
    first_day,
    last_day,
    days: round,
    advice: tolerances.flatMap((tolerance) =>
      holders.map((holder) =>
        reportOf(
          tolerance,
          holder.name,
          outcomes.filter((each) => each.tolerance === tolerance && each.holder === holder.name),
        ),
      ),
    ),
    reliability: reliabilityTable(
      confidence((advice) => advice.confidence),
      beats,
    ),
    raw_reliability: reliabilityTable(
      confidence((advice) => advice.raw_confidence),
      beats,
      20,
    ),
    deviation_quantile_90: quantile90(judged),
  };
}

interface Served {
  /** By market and day. */
  readonly on: (marketId: string, day: number) => Distribution | undefined;
  /** Mean APY from the day after until the horizon, percent; NaN where too few days were observed. */
  readonly realised: (marketId: string, day: number) => number;
}

function servedBy({ table, panel }: WalkForwardData, issued: IssuedByRow): Served {
  const rows = new Map<string, number>();
  const keyOf = (marketId: string, day: number) => `${day} ${marketId}`;
  for (let row = 0; row < table.rowCount; row += 1) {
    rows.set(keyOf(panel[at(table.market, row)]?.market_id ?? "", at(table.day, row)), row);
  }
  return {
    on: (marketId, day) => {
      const row = rows.get(keyOf(marketId, day));
      return row === undefined ? undefined : issued.get(row);
    },
    realised: (marketId, day) => {
      const row = rows.get(keyOf(marketId, day));
      return row === undefined ? Number.NaN : at(table.target, row);
    },
  };
}

interface Forecasts {
  readonly yields: { readonly served: Served };
  readonly risks: { readonly served: Served };
  readonly options: AdviceEvaluationOptions;
}

/** A market as it was known at the end of a day; nothing where it was not observed on it. */
function candidatesOn(
  day: number,
  series: MarketSeries,
  { yields, risks, options }: Forecasts,
): MarketCandidate[] {
  const index = series.days.indexOf(day);
  const facts = options.facts.get(series.market_id);
  if (index < 0 || facts === undefined) return [];
  const read = (column: Float64Array) => (Number.isNaN(at(column, index)) ? null : at(column, index));
  const apy = yields.served.on(series.market_id, day);
  const risk = risks.served.on(series.market_id, day);
  const interval = apy?.intervals.find(({ level }) => Math.abs(level - 0.9) < 1e-9);
  const isActive = facts.status_since_day === null ? facts.status === "active" : day < facts.status_since_day;
  return [
    {
      market_id: series.market_id,
      protocol: series.protocol,
      chain: facts.chain,
      symbol: facts.symbol,
      kind: series.kind,
      status: isActive ? "active" : facts.status,
      frozen: at(series.frozen, index) === 1,
      apy_base: read(series.apy_base),
      apy_reward: read(series.apy_reward),
      tvl_usd: read(series.tvl_usd),
      utilization: series.kind === "lending" ? read(series.utilization) : null,
      apy:
        apy === undefined || interval === undefined
          ? null
          : { value: apy.value, lower: interval.lower, upper: interval.upper, level: 0.9 },
      risk_score: risk?.value ?? null,
      stale: false,
    },
  ];
}

function adviseOn(today: AdviceDay, options: AdviceEvaluationOptions): Outcome[] {
  return holders.flatMap(({ name, assets, amountUsd }) => {
    const wishes: AdviceWishes = { assets };
    const ask = (held: readonly HeldShare[], tolerance: RiskTolerance): AdviceRequest => ({
      markets: today.markets,
      protocols: [],
      held,
      wishes,
      tolerance,
      amount_usd: amountUsd,
      holding_period_days: options.horizonDays,
      rebalance_threshold_bp: 500,
    });
    const excluded = new Set(options.advise(ask([], "high")).excluded.map(({ market_id }) => market_id));
    const eligible = today.markets.filter(({ market_id }) => !excluded.has(market_id));
    return startsOf(today, eligible).flatMap((held) => {
      const known = held.every(({ market_id }) => !Number.isNaN(today.realised(market_id ?? "", today.day)));
      if (!known || eligible.length === 0) return [];
      const baselines = baselinesOf(today, { eligible, held, amountUsd, horizonDays: options.horizonDays });
      return tolerances.map((tolerance): Outcome => {
        const advice = options.advise(ask(held, tolerance));
        return {
          tolerance,
          holder: name,
          advice,
          isMove: advice.largest_change_bp > 0,
          isForced: advice.forced_moves.length > 0,
          realised: realisedImprovement(advice, today),
          baselines,
        };
      });
    });
  });
}
