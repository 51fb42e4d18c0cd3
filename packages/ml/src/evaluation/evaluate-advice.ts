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
import { realisedYields } from "../yield/yield-table.ts";
import { type AdviceDay, baselinesOf, realisedImprovement, startsOf } from "./advice-outcomes.ts";
import { type AdviceReport, gainKeptOf, type Outcome, quantile90, reportOf } from "./advice-report.ts";
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
  /** For so long the mixes are held and followed, beyond what is forecast where it is longer. @default the horizon */
  readonly holdDays?: number;
  /** Days between suggestions. @default as many as they are followed, so that outcomes do not overlap */
  readonly everyDays?: number;
  readonly onProgress?: (fraction: number, step: string) => void;
}

/** How suggestions did. */
export interface AdviceEvaluation {
  readonly horizon: number;
  /** Days that suggestions were followed. */
  readonly held: number;
  readonly first_day: number;
  readonly last_day: number;
  readonly days: number;
  readonly advice: readonly AdviceReport[];
  /** The same of all holders together, by tolerance and of all. */
  readonly totals: readonly AdviceReport[];
  /** Of the confidence that was stated with moves that nothing forced, whether or not they were advised. */
  readonly reliability: readonly ReliabilityBin[];
  /** The same of the confidence before calibration, in ten bins. */
  readonly raw_reliability: readonly ReliabilityBin[];
  /** Quantile 0.9 of |realised − promised| in units of the stated deviation, of the same moves. */
  readonly deviation_quantile_90: number | null;
  /**
   * Which part of the gain before costs that the forecasts promised of advised moves that nothing forced came true, of all such moves
   * together: what `gainKept` is measured by.
   */
  readonly gain_kept: number | null;
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
 * Of the test period those days count after which the history goes on for as long as suggestions are followed.
 *
 * @throws MlError `NOT_ENOUGH_HISTORY`, and as `evaluateForecasts`
 */
export function evaluateAdvice(
  panel: readonly MarketSeries[],
  options: AdviceEvaluationOptions,
): AdviceEvaluation {
  const { horizonDays, holdDays = horizonDays, everyDays = holdDays, onProgress } = options;
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
  const { first_day } = yields.report;
  const newestDay = panel.reduce((newest, { days }) => Math.max(newest, days.at(-1) ?? newest), first_day);
  const last_day = Math.min(yields.report.last_day, newestDay - holdDays);
  if (last_day < first_day)
    throw new MlError("NOT_ENOUGH_HISTORY", "Suggestions cannot be followed for so long.");
  const realised = realisedBy(panel, { holdDays, apyCapPercent: options.apyCapPercent });
  const outcomes: Outcome[] = [];
  let round = 0;
  for (let day = first_day; day <= last_day; day += everyDays) {
    onProgress?.(0.9 + (0.1 * (day - first_day)) / (last_day - first_day + 1), "advising");
    const markets = panel.flatMap((series) => candidatesOn(day, series, { yields, risks, options }));
    outcomes.push(...adviseOn({ day, round, markets, realised }, options));
    round += 1;
  }
  onProgress?.(1, "done");
  const judged = outcomes.filter(({ isForced, isMove }) => isMove && !isForced);
  const beats = judged.map(({ realised }) => (realised > 0 ? 1 : 0));
  const confidence = (read: (advice: MarketAdvice) => number) =>
    judged.map(({ advice }) => Math.min(read(advice), 1 - 1e-9));
  const moves = judged.filter(({ advice }) => advice.outcome === "rebalance");
  return {
    horizon: horizonDays,
    held: holdDays,
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
    totals: [
      ...tolerances.map((tolerance) =>
        reportOf(
          tolerance,
          "all",
          outcomes.filter((each) => each.tolerance === tolerance),
        ),
      ),
      reportOf("all", "all", outcomes),
    ],
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
    gain_kept: gainKeptOf(moves),
  };
}

interface Served {
  /** By market and day. */
  readonly on: (marketId: string, day: number) => Distribution | undefined;
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
  };
}

/** Mean APY from the day after until suggestions are not followed any more, percent; NaN where too few days were observed. */
function realisedBy(
  panel: readonly MarketSeries[],
  { holdDays, apyCapPercent }: { readonly holdDays: number; readonly apyCapPercent: number },
): AdviceDay["realised"] {
  const byMarket = new Map(
    panel.map((series) => [
      series.market_id,
      realisedYields(series, { horizonDays: holdDays, apyCapPercent }),
    ]),
  );
  return (marketId, day) => byMarket.get(marketId)?.(day) ?? Number.NaN;
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
      holding_period_days: options.holdDays ?? options.horizonDays,
      rebalance_threshold_bp: 500,
    });
    const excluded = new Set(options.advise(ask([], "high")).excluded.map(({ market_id }) => market_id));
    const eligible = today.markets.filter(({ market_id }) => !excluded.has(market_id));
    return startsOf(today, eligible).flatMap((held) => {
      const known = held.every(({ market_id }) => !Number.isNaN(today.realised(market_id ?? "", today.day)));
      if (!known || eligible.length === 0) return [];
      const horizonDays = options.holdDays ?? options.horizonDays;
      const baselines = baselinesOf(today, { eligible, held, amountUsd, horizonDays });
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
