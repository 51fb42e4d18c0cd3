import type { ExpertWeight } from "../experts/experts.ts";
import type { BaselineName } from "./baselines.ts";
import type { Interval, ModelKind } from "./forecast-space.ts";

/** A forecast of a market's risk score at, or mean APY up to, `target_day`. Every number is finite. */
export interface MarketForecast extends ForecastFigures {
  market_id: string;
  details: {
    /** Width unit of this market's interval, in the modelled space. */
    scale: number;
    /** TVL that weighs this market within its protocol; null when unknown. */
    tvl_usd: number | null;
    /** See `illiquidityDefinition`; risk forecasts of lending markets only, else null. */
    illiquidity_probability: number | null;
  } & ForecastDetails;
}

/** A forecast of a protocol: its last value and the weighted aggregate of its markets' forecasts, weighted by what came true. */
export interface ProtocolForecast extends ForecastFigures {
  /** Markets that stand behind the figure, with weights that sum to 1. */
  markets: { market_id: string; weight: number }[];
  details: { weights: "tvl" | "equal"; scale: number } & ForecastDetails;
}

/** What market and protocol forecasts have in common; risk in score points, yield in percent APY. */
export interface ForecastFigures {
  kind: ModelKind;
  model_version: string;
  protocol: string;
  /** UTC days since the epoch. */
  as_of_day: number;
  target_day: number;
  horizon_days: number;
  value: number;
  /** Interval that holds the actual value with probability `interval_level`. */
  lower: number;
  upper: number;
  interval_level: number;
  /** See `confidenceDefinition`. */
  confidence: number;
  confidence_tolerance: number;
  /** Today's value. */
  current: number;
  /** What the best baseline says. */
  baseline_value: number;
  served_by: "model" | "baseline";
  /** What it is made up of, where that was asked for. */
  explanation?: ForecastExplanation;
}

/** What a forecast is made up of, in its units: everything here sums to it. */
export interface ForecastExplanation {
  /** What naive forecasts say, in the share that they have. */
  naive: number;
  /** What the fitted model would say without knowing anything else of the market than where it starts, in its share. */
  start: number;
  /** What moves the model from there, the largest first; the value of the column where it is one market's and known. */
  features: { name: string; value: number | null; contribution: number }[];
  /** What all other columns add. */
  others: number;
}

/** How the figures came about. */
export interface ForecastDetails {
  baseline: BaselineName;
  /** Who forecast, and with what share: largest first, summing to 1. */
  experts: ExpertWeight[];
  /** By ascending level: 50, 80, 90 and 95 %. */
  intervals: Omit<Interval, "unbounded">[];
  /** True when they are too few for a finite interval, so that it spans every possible value. */
  interval_unbounded: boolean;
}

/** What a model says about a panel. */
export interface PanelForecasts {
  /** In the order of the panel; markets without enough history are left out. */
  markets: MarketForecast[];
  /**
   * By protocol, weighted by TVL (equally when none is known). Intervals and confidence are calibrated on errors of
   * protocols, not averaged from the markets. Markets that do not count are left out; see `counted-markets.ts`.
   */
  protocols: ProtocolForecast[];
}
