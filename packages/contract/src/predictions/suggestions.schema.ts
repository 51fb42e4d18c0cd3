import { z } from "zod";
import {
  allocation,
  dataSource,
  nextCursor,
  protocolName,
  sharePercent,
  storableText,
  timePageFields,
  timestamp,
} from "../common/common.schema.ts";
import { figure, whole } from "../figures/figures.ts";
import { allocationWishes, riskTolerance } from "../users/users.schema.ts";
import { gasReadAt, gasSource } from "./counted-gas.schema.ts";
import { suggestionLimit } from "./suggestion-limits.schema.ts";
import { suggestionMadeFrom } from "./suggestion-made-from.schema.ts";

/** What is held, by market. */
export const currentMarkets = z
  .array(z.strictObject({ market_id: storableText(200), percent: sharePercent }))
  .max(100)
  .refine(
    (markets) => new Set(markets.map(({ market_id }) => market_id)).size === markets.length,
    "name each market once",
  )
  .describe("The same, by market; instead of current_allocation. What is missing from 100 is unallocated");

/** Strict for the same reason as `updatePreferencesInput`. */
export const runOptimizationInput = z
  .strictObject({
    risk_tolerance: riskTolerance.optional().describe("Instead of the one in your preferences, for this run"),
    current_allocation: allocation
      .optional()
      .describe("Instead of your latest logged allocation, for this run; in percent, summing to 100"),
    current_markets: currentMarkets.optional(),
    ...z.object(allocationWishes).partial().shape,
  })
  .meta({
    id: "RunOptimizationInput",
    examples: [{ risk_tolerance: "medium", assets: ["USDC"], amount: "10000" }],
  })
  .prefault({});
export type RunOptimizationInput = z.output<typeof runOptimizationInput>;

/** What to hold in one market, with what is known of it. */
const suggestedMarket = z
  .object({
    market_id: z
      .string()
      .nullable()
      .describe("Null for a holding of which it is only known that it is somewhere in the protocol"),
    symbol: z.string().nullable(),
    chain: z.string().nullable(),
    kind: z.enum(["lending", "dex", "unknown"]).nullable(),
    assets: z.array(z.string()).describe("What is deposited there: one asset, or those of a pool"),
    stable: z.boolean().nullable().describe("Whether all of them keep the price of a currency"),
    basis_points: whole("basis points").min(0).max(10_000).describe("Of the portfolio"),
    percent: figure("share").describe("The same in percent"),
    current_percent: figure("share").describe("What is there now"),
    amount: z.string().describe("US dollars to hold there; shares of the amount sum to it"),
    change_amount: z.string().describe("US dollars to deposit; with a minus sign, to withdraw"),
    apy: figure("apy").nullable().describe("Forecast mean APY, percent"),
    apy_lower: figure("apy").nullable().describe("Where its interval begins"),
    apy_upper: figure("apy").nullable().describe("Where its interval ends"),
    apy_interval_level: figure("probability")
      .nullable()
      .describe("Probability that the outcome is from apy_lower to apy_upper"),
    apy_base: figure("apy").nullable().describe("Observed last: from interest or fees"),
    apy_reward: figure("apy").nullable().describe("Observed last: from incentives"),
    impermanent_loss: figure("apy").describe(
      "Expected a year, percent: what a pool loses against holding its assets; 0 of a single asset",
    ),
    impermanent_loss_assumed: z
      .boolean()
      .describe(
        "Whether it follows from a documented volatility of such pairs, because the feed has no prices",
      ),
    protocol_fee: figure("apy")
      .default(0)
      .describe(
        "Percent a year of the forecast APY that the protocol keeps of the fees of its pools, where feeds show yields before that: a documented figure",
      ),
    price_risk: figure("apy")
      .default(0)
      .describe(
        "Percent a year that a new holding has to bring more because its assets are not yours: half the yearly variance of the price between them and yours, by a documented volatility; 0 where they are yours, or nobody says which are. It decides what is suggested, and is no part of net APYs",
      ),
    net_apy_at_zero: figure("apy")
      .nullable()
      .describe("Forecast APY less impermanent loss and protocol_fee, before anything of yours is added"),
    net_apy_at_amount: figure("apy").nullable().describe("The same with this much of yours in it"),
    target_percent: figure("share")
      .nullable()
      .default(null)
      .describe(
        "Of the best mix that was found, which is percent unless outcome is hold; null in suggestions from before it was recorded",
      ),
    net_apy_at_target: figure("apy")
      .nullable()
      .default(null)
      .describe("net_apy_at_amount with target_percent in it"),
    risk_score: figure("score").nullable().describe("Forecast"),
    tvl_usd: figure("usd").nullable().describe("What is in it"),
    utilization: figure("utilization").nullable().describe("Borrowed over supplied, 0 to 1"),
  })
  .meta({ id: "SuggestedMarket" });
export type SuggestedMarket = z.output<typeof suggestedMarket>;

const allocationShare = z
  .object({
    protocol: protocolName.describe("Name of a protocol, or unallocated"),
    basis_points: whole("basis points").min(0).max(10_000).describe("Of the portfolio; they sum to 10,000"),
    percent: figure("share").describe("The same in percent"),
    current_percent: figure("share").describe("What is there now"),
    expected_apy: figure("apy")
      .nullable()
      .describe(
        "Percent, net, of what is suggested in its markets; the protocol's forecast where nothing is",
      ),
    risk_score: figure("score").nullable().describe("Forecast, likewise"),
    markets: z
      .array(suggestedMarket)
      .describe("What to do, market by market; empty in suggestions of versions that knew protocols only"),
  })
  .meta({ id: "AllocationShare" });
export type AllocationShare = z.output<typeof allocationShare>;

export const excludedProtocol = z
  .object({
    protocol: protocolName,
    reason: z
      .string()
      .describe(
        "paused, deprecated or exploited: its status; not_a_candidate: it is held, and nothing is said of it; no_risk_forecast: its yield is forecast, and no risk, for example because the kind of its markets is unknown; stale_forecast: its newest forecast has expired; no_forecast: there is none, for example because the data source does not observe it",
      ),
  })
  .meta({ id: "ExcludedProtocol" });
export type ExcludedProtocol = z.output<typeof excludedProtocol>;

/** Why a market gets nothing, in the order in which answers name it: the holder's own wishes come last. */
export const marketExclusions = [
  "exploited",
  "paused",
  "deprecated",
  "frozen",
  "illiquid",
  "stale_forecast",
  "no_forecast",
  "too_small",
  "not_preferred",
  "other_asset",
  "not_stable",
  "several_assets",
] as const;

const excludedMarkets = z
  .object({
    reason: z
      .enum(marketExclusions)
      .describe(
        "paused, deprecated, exploited: its protocol is; frozen: it takes no deposits; illiquid: 98 % or more is lent out; no_forecast: too little is known of it; too_small: 1 % of yours would be more than a tenth of what can be taken out; the others are your own wishes",
      ),
    count: whole("markets").describe("How many they are"),
    markets: z
      .array(z.object({ market_id: z.string(), protocol: protocolName, symbol: z.string() }))
      .describe("The first 20 of them"),
  })
  .meta({ id: "ExcludedMarkets" });

export const suggestionOutcome = z
  .enum(["rebalance", "hold"])
  .describe("hold when moving does not pay, or is too doubtful");

/** Holds the realised improvement with a probability, percentage points of APY. */
export const improvementInterval = z.object({
  level: figure("probability").describe("Probability that the improvement is from lower to upper"),
  lower: figure("apyPoints").describe("Where the interval begins"),
  upper: figure("apyPoints").describe("Where the interval ends"),
});

export const rebalanceSuggestion = z
  .object({
    id: z.uuid(),
    created_at: timestamp,
    as_of: timestamp
      .nullable()
      .default(null)
      .describe("The newest day that the forecasts knew; null in suggestions from before it was recorded"),
    target_at: timestamp
      .nullable()
      .default(null)
      .describe(
        "The last of the horizon_days after as_of: what came true until then is scored, and counts in the track record; null likewise",
      ),
    outcome: suggestionOutcome,
    forced: z
      .boolean()
      .default(false)
      .describe("Whether a limit or a status asks for the move, whatever it brings"),
    allocation: allocation.describe(
      "Suggested percent per protocol, and of what is best left unallocated; sums to 100. The current one when outcome is hold",
    ),
    shares: z.array(allocationShare),
    risk_tolerance: riskTolerance,
    reason: z
      .string()
      .describe(
        "What to do and what that is expected to bring, what forces or forbids it, and the two facts that decided it with their figures",
      ),
    expected_improvement: figure("apyPoints").describe(
      "Percentage points of APY gained over the current allocation, net of the cost of moving; when outcome is hold, what the best move would bring. Of the gain that the forecasts promise, only the part is counted that came true in a walk-forward over past data: 85 % for a week, 60 % for a month to three, and no less beyond, which nobody has measured",
    ),
    expected_apy_before: figure("apy").nullable().describe("Percent; null when nothing is invested yet"),
    expected_apy_after: figure("apy").describe(
      "Percent, before costs; when outcome is hold, after the best move",
    ),
    portfolio_risk: figure("score").describe("Weighted risk score of the suggested allocation"),
    turnover_percent: figure("share").describe("Part of the portfolio that moves"),
    confidence: figure("probability")
      .min(0)
      .max(1)
      .describe(
        "Probability that the suggested move earns more than staying, net of costs, as measured on suggestions that were followed in a walk-forward over past data; in suggestions without optimality_gap an estimate that was not measured",
      ),
    improvement_interval: improvementInterval
      .nullable()
      .default(null)
      .describe("Holds the realised improvement with the probability level, percentage points"),
    unallocated_reason: z
      .string()
      .nullable()
      .default(null)
      .describe("Why something is left unallocated; null when nothing is"),
    amount: z.string().nullable().default(null).describe("US dollars that the amounts are shares of"),
    amount_assumed: z.boolean().default(true).describe("Whether nobody has said it"),
    costs: z
      .object({
        gas: z.string().describe("US dollars, once, for all deposits and withdrawals"),
        exchange: z
          .string()
          .describe("US dollars, once, for exchanging assets: fees, and how far so much moves the price"),
        gas_source: gasSource.default("assumed"),
        gas_read_at: gasReadAt.default(null),
        assumed: z
          .boolean()
          .describe(
            "Whether the exchange is a documented figure, not an estimate of the moment; of gas, gas_source says it",
          ),
        annual: figure("apyPoints").describe("Both over horizon_days, percentage points of APY"),
        break_even_days: figure("days")
          .nullable()
          .describe("After so many days the higher yield has paid for them; null when it never does"),
        horizon_days: whole("days").describe("For so long the new mix is held"),
      })
      .nullable()
      .default(null)
      .describe("Of the suggested move; when outcome is hold, of the best one"),
    warnings: z.array(z.string()).default([]).describe("What the figures leave out"),
    excluded_markets: z.array(excludedMarkets).default([]).describe("Markets that get nothing, by reason"),
    optimality_gap: figure("marginalApy")
      .nullable()
      .default(null)
      .describe("Percentage points of risk-adjusted APY by which another mix could at most be better"),
    binding_limits: z.array(suggestionLimit).describe("The limits that hold the result back, dearest first"),
    excluded: z.array(excludedProtocol).describe("Protocols on which nothing is advised, by name, and why"),
    model_versions: z.object({ risk: z.string(), yield: z.string() }),
    data_source: dataSource,
    made_from: suggestionMadeFrom
      .nullable()
      .default(null)
      .describe("What it takes to make it again; null in suggestions from before it was recorded"),
    receipt: z
      .string()
      .default("")
      .describe("Path of what proves that it was committed to the transparency log, for you only"),
  })
  .meta({ id: "RebalanceSuggestion" });
export type RebalanceSuggestion = z.output<typeof rebalanceSuggestion>;

export const rebalanceSuggestionsInput = z
  .object({ outcome: suggestionOutcome.optional(), ...timePageFields })
  .meta({ id: "RebalanceSuggestionsInput" })
  .prefault({});
export type RebalanceSuggestionsInput = z.output<typeof rebalanceSuggestionsInput>;

export const rebalanceSuggestions = z
  .object({ items: z.array(rebalanceSuggestion), next_cursor: nextCursor })
  .meta({ id: "RebalanceSuggestions" });
export type RebalanceSuggestions = z.output<typeof rebalanceSuggestions>;
