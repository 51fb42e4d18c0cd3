import type { MarketKind } from "../panel/market-series.ts";
import type { RiskTolerance } from "./tolerances.ts";

/** Only `active` protocols may receive or keep money. */
export type ProtocolStatus = "active" | "paused" | "deprecated" | "exploited";

/** A forecast with one interval. */
export interface IntervalForecast {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  /** Probability that the interval holds the outcome. */
  readonly level: number;
}

/** What is known and forecast of a market. APYs in percent. */
export interface MarketCandidate {
  readonly market_id: string;
  readonly protocol: string;
  readonly chain: string;
  /** Names its assets; empty when nobody says which they are. */
  readonly symbol: string;
  readonly kind: MarketKind;
  /** Of its protocol. */
  readonly status: ProtocolStatus;
  /** Whether it takes no deposits now. */
  readonly frozen: boolean;
  readonly apy_base: number | null;
  readonly apy_reward: number | null;
  readonly tvl_usd: number | null;
  readonly utilization: number | null;
  /** The mean APY until the horizon; null when nothing current is forecast. */
  readonly apy: IntervalForecast | null;
  /** Forecast, 0 to 100; null when there is none. */
  readonly risk_score: number | null;
  /** Whether the forecasts are too old to advise on. */
  readonly stale: boolean;
}

/** A protocol as a whole, for holdings of which nobody said in which of its markets they are. */
export interface ProtocolFigures {
  readonly protocol: string;
  readonly status: ProtocolStatus;
  readonly apy: IntervalForecast | null;
  readonly risk_score: number | null;
}

/** What is held, in basis points of the portfolio. The rest of the whole is not allocated. */
export interface HeldShare {
  readonly protocol: string;
  /** Null when it is only known that it is somewhere in the protocol. */
  readonly market_id: string | null;
  readonly basis_points: number;
}

/** What the holder wishes. */
export interface AdviceWishes {
  /**
   * The assets that are held or accepted, such as USDC; markets of others are left out. @default those of the markets that are held; any
   * where that is not known
   */
  readonly assets?: readonly string[] | undefined;
  /** Only assets that keep the price of a currency. @default false */
  readonly stable_only?: boolean | undefined;
  /** No pools of several assets. @default false */
  readonly single_asset_only?: boolean | undefined;
  /** The only protocols that may be used. @default any */
  readonly protocols?: readonly string[] | undefined;
  /** Largest share of one protocol, basis points. A stated one is kept even where more is held. @default 5000 */
  readonly max_protocol_bp?: number | undefined;
  /** Largest share of one market, basis points; the same. @default 5000 */
  readonly max_market_bp?: number | undefined;
  /** Largest share of what is on one chain, basis points; the same. @default 10000 */
  readonly max_chain_bp?: number | undefined;
  /** Markets by id, and protocols by name: what is held there stays whatever it earns, and more may come. @default none */
  readonly must_stay?: readonly string[] | undefined;
  /** Largest share-weighted risk score. @default that of the tolerance */
  readonly max_portfolio_risk?: number | undefined;
}

/** What one deposit or withdrawal costs in gas on a chain. */
export interface ChainGas {
  readonly chain: string;
  /** US dollars. */
  readonly usd: number;
}

/** One question. Equal questions get equal answers, whatever the order of markets. */
export interface AdviceRequest {
  readonly markets: readonly MarketCandidate[];
  readonly protocols: readonly ProtocolFigures[];
  /** Sums to 10,000 at most. Empty when nothing is invested yet. */
  readonly held: readonly HeldShare[];
  readonly wishes: AdviceWishes;
  readonly tolerance: RiskTolerance;
  /** The whole portfolio, US dollars. An estimate is made with it, so it is a number. */
  readonly amount_usd: number;
  /** For so long it stays where it goes; one-off costs are spread over it. */
  readonly holding_period_days: number;
  /**
   * Whose the APYs are. Of the gain that forecasts promise, a part is counted on, and a move's confidence is a measured frequency; what
   * is stated is taken at its word, with errors that are normal and as wide as its intervals say. @default "forecast"
   */
  readonly apys?: "forecast" | "stated" | undefined;
  /** Basis points of what enters a place, instead of gas and exchange as documented. */
  readonly moving_cost_bp?: number | undefined;
  /** What gas costs where that was read; on other chains it is as documented. @default nowhere */
  readonly gas?: readonly ChainGas[] | undefined;
  /** Hold when no share would change by at least this much. */
  readonly rebalance_threshold_bp: number;
}

/** Why a market gets no money. The last four are the holder's own wishes. */
export type MarketExclusion =
  | "paused"
  | "deprecated"
  | "exploited"
  | "frozen"
  | "illiquid"
  | "stale_forecast"
  | "no_forecast"
  | "too_small"
  | "not_preferred"
  | "other_asset"
  | "not_stable"
  | "several_assets";

export type AdviceLimitName =
  | "max_protocol"
  | "max_market"
  | "max_chain"
  | "exit_liquidity"
  | "max_portfolio_risk";

/** A limit without which the target would be better. */
export interface AdviceLimit {
  readonly limit: AdviceLimitName;
  readonly protocol: string | null;
  readonly market_id: string | null;
  /** Of the limit of a chain. */
  readonly chain: string | null;
  /** Risk-adjusted APY gained by loosening it by a percentage point of share, or a point of risk. */
  readonly shadow_price: number;
  readonly sentence: string;
}

/** What to hold in one market, or what to leave. Shares in basis points of the portfolio. */
export interface AdviceLine extends HeldShare {
  readonly current_bp: number;
  /** Of the target, also where the advice is to hold. */
  readonly target_bp: number;
  readonly symbol: string | null;
  readonly chain: string | null;
  readonly kind: MarketKind | null;
  readonly assets: readonly string[];
  readonly stable: boolean | null;
  readonly apy_base: number | null;
  readonly apy_reward: number | null;
  readonly tvl_usd: number | null;
  readonly utilization: number | null;
  readonly apy: IntervalForecast | null;
  readonly risk_score: number | null;
  /** Expected a year, percent; whether its volatility is assumed. */
  readonly impermanent_loss: { readonly apy: number; readonly volatility: number; readonly assumed: boolean };
  /** What of the forecast APY the protocol keeps, percent a year; see `protocolFeePart`. */
  readonly protocol_fee: number;
  /** What a new holding has to bring more because its assets are not the holder's, percent a year; see `priceRiskOf`. */
  readonly price_risk: number;
  /** Forecast APY less impermanent loss and what the protocol keeps, before the deposit comes in. */
  readonly net_apy_at_zero: number | null;
  /** The same with what this advice puts there. */
  readonly net_apy_at_amount: number | null;
  /** The same with what the target puts there. */
  readonly net_apy_at_target: number | null;
}

/** Why the present mix may not stay as it is. */
export interface AdviceForcedMove {
  readonly cause: "exit" | "max_portfolio_risk" | "max_protocol" | "max_market" | "max_chain";
  readonly protocol: string | null;
  readonly sentence: string;
}

/** What to do, and why. Figures of the move describe the one to the target, also when the advice is to hold. */
export interface MarketAdvice {
  readonly outcome: "rebalance" | "hold";
  /** Largest share first; what is left comes last. */
  readonly lines: readonly AdviceLine[];
  readonly unallocated_bp: number;
  readonly target_unallocated_bp: number;
  /** Why something is not allocated; null when everything is. */
  readonly unallocated_reason: string | null;
  /** Percent, net of impermanent loss; what is not allocated earns nothing. */
  readonly expected_apy_before: number;
  readonly expected_apy_after: number;
  /** Percentage points: what is counted on of after less before (`gainKept`), less `annual_cost`. */
  readonly expected_improvement: number;
  /** That holds the realised improvement with probability 0.9. */
  readonly improvement_interval: { readonly level: number; readonly lower: number; readonly upper: number };
  readonly portfolio_risk_before: number;
  readonly portfolio_risk_after: number;
  /** What enters markets, basis points. */
  readonly turnover_bp: number;
  /** Once, in US dollars. */
  readonly gas_usd: number;
  /** The same for exchanging assets, by how much is exchanged, or for all of the move where `moving_cost_bp` is stated. */
  readonly swap_usd: number;
  /** Over the holding period, percentage points of APY. */
  readonly annual_cost: number;
  /** After so many days the higher yield has paid for the move; null when it never does. */
  readonly break_even_days: number | null;
  readonly largest_change_bp: number;
  readonly forced_moves: readonly AdviceForcedMove[];
  readonly binding_limits: readonly AdviceLimit[];
  readonly excluded: readonly {
    readonly market_id: string;
    readonly protocol: string;
    readonly symbol: string;
    readonly reason: MarketExclusion;
  }[];
  readonly warnings: readonly string[];
  /** See `adviceConfidenceDefinition`. */
  readonly confidence: number;
  /** Before calibration. */
  readonly raw_confidence: number;
  readonly optimality_gap: number;
  readonly reason: string;
}
