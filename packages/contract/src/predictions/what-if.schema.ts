import { z } from "zod";
import { protocolStatus } from "../analytics/analytics.schema.ts";
import { allocation, protocolName, sharePercent, storableText } from "../common/common.schema.ts";
import { exact } from "../figures/figures.ts";
import { allocationWishes, riskTolerance } from "../users/users.schema.ts";
import { currentMarkets } from "./suggestions.schema.ts";

/** So many markets one question may name; with all their fields they fit the largest body that is read. */
const marketsMax = 50;

const apyPercent = z.number().min(-100).max(1_000_000);

const whatIfMetrics = z
  .strictObject({
    utilization: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe(
        "Borrowed over supplied, 0 to 1; null for an AMM, where it counts as 0. From 98 % on nothing goes in or comes out",
      ),
    volatility: z
      .number()
      .min(0)
      .max(100)
      .describe("Sample standard deviation of the daily APY over 30 days, in percentage points"),
    liquidity_tier: z
      .int()
      .min(0)
      .max(3)
      .describe("By TVL: 0 from 50 million USD, 1 from 10 million, 2 from 1 million, else 3"),
    audit_score: z.int().min(0).max(100).describe("100 is best"),
    age_days: z.int().min(0).max(100_000).describe("Days since launch"),
  })
  .describe("The inputs of the RiskEngine contract; fractions count to the basis point")
  .meta({ id: "WhatIfMetrics" });

const apyInterval = z
  .strictObject({
    lower: apyPercent.describe("Percent, at most apy"),
    upper: apyPercent.describe("Percent, at least apy"),
    level: z.number().min(0.5).max(0.999).default(0.9).describe("Probability that the APY lies inside"),
  })
  .describe("How sure the APY is. Without it the APY is taken at its word, and confidence is null");

const whatIfProtocol = z
  .strictObject({
    protocol: protocolName.describe("Its name; it need not exist"),
    market_id: storableText(200)
      .optional()
      .describe(
        "Which market of it, where you name several; it need not exist. By default the protocol's name",
      ),
    symbol: storableText(100)
      .optional()
      .describe(
        "Of which assets it is, such as USDC or ETH-USDC. From it follow impermanent loss, price risk and what has to be exchanged; without it none of these is counted",
      ),
    chain: storableText(50).default("Starknet").describe("Where it is, which decides what gas costs"),
    tvl_usd: z
      .number()
      .min(0)
      .max(1e15)
      .optional()
      .describe(
        "US dollars that are in it, of a lending market less what is lent out. From it follow how your deposit dilutes the yield, and a limit of a tenth of it; without it neither is counted",
      ),
    apy: apyPercent.describe("Expected, percent per year"),
    apy_interval: apyInterval.optional(),
    metrics: whatIfMetrics,
    status: protocolStatus
      .default("active")
      .describe("Only active protocols receive money. What the registry says of a protocol is in warnings"),
  })
  .refine(({ apy, apy_interval: interval }) => interval === undefined || interval.lower <= apy, {
    path: ["apy_interval", "lower"],
    message: "use a lower end that is at most apy",
  })
  .refine(({ apy, apy_interval: interval }) => interval === undefined || interval.upper >= apy, {
    path: ["apy_interval", "upper"],
    message: "use an upper end that is at least apy",
  })
  .meta({ id: "WhatIfProtocol" });
export type WhatIfProtocol = z.output<typeof whatIfProtocol>;

export const whatIfLimits = z
  .strictObject({
    max_share: sharePercent.min(1).describe("Largest share of one protocol, and of each market, percent"),
    max_chain_share: allocationWishes.max_chain_share
      .unwrap()
      .nullable()
      .describe("Largest share of what is on one chain, percent; null for no such limit"),
    max_portfolio_risk: exact("points of the RiskEngine score", "as you gave it")
      .min(0)
      .max(100)
      .describe("Largest share-weighted risk score"),
  })
  .meta({ id: "WhatIfLimits" });

export const whatIfCosts = z
  .strictObject({
    moving_cost_bp: exact("basis points", "as you gave it")
      .min(0)
      .max(10_000)
      .describe("Basis points of what enters a market: gas, slippage and fees together"),
    holding_period_days: exact("days", "as you gave it")
      .min(1)
      .max(3_650)
      .describe("For so long the new mix is held, which spreads the cost"),
    rebalance_threshold: sharePercent.describe(
      "Percentage points that some share must change by before a move is suggested",
    ),
  })
  .meta({ id: "WhatIfCosts" });

/** The worked example of the documentation, which runs as it stands. */
export const whatIfExample = {
  risk_tolerance: "medium",
  protocols: [
    {
      protocol: "nostra",
      apy: 8.5,
      metrics: { utilization: 0.65, volatility: 12, liquidity_tier: 1, audit_score: 98, age_days: 800 },
    },
    {
      protocol: "zklend",
      apy: 7.2,
      metrics: { utilization: 0.7, volatility: 15, liquidity_tier: 1, audit_score: 90, age_days: 650 },
    },
    {
      protocol: "ekubo",
      apy: 12.1,
      metrics: { utilization: null, volatility: 25, liquidity_tier: 2, audit_score: 95, age_days: 600 },
    },
  ],
} as const;

/** Strict for the same reason as `updatePreferencesInput`. */
export const whatIfInput = z
  .strictObject({
    protocols: z
      .array(whatIfProtocol)
      .min(1)
      .max(marketsMax)
      .refine(hasDistinctNames, "name each protocol once, or each of its markets by a market_id of its own")
      .describe(`1 to ${marketsMax} markets; their order does not matter`),
    risk_tolerance: riskTolerance.optional().describe("Instead of the one in your preferences"),
    current_allocation: allocation
      .optional()
      .describe(
        "Percent per protocol, summing to 100; nothing is invested without it. What is held in a protocol that is not in the request must leave it",
      ),
    current_markets: currentMarkets.optional(),
    assets: allocationWishes.assets.optional(),
    amount: allocationWishes.amount.unwrap().optional(),
    limits: whatIfLimits
      .partial()
      .optional()
      .describe(
        "Instead of that of the risk tolerance, and of half of the portfolio, above which what is there need not leave",
      ),
    costs: whatIfCosts
      .partial()
      .optional()
      .describe(
        "Instead of gas as read of the chain or else as documented, of exchange as documented, of the days in your preferences or else 30, and of your threshold",
      ),
  })
  .meta({ id: "WhatIfInput", examples: [whatIfExample] });
export type WhatIfInput = z.output<typeof whatIfInput>;

function hasDistinctNames(markets: readonly WhatIfProtocol[]): boolean {
  return new Set(markets.map(whatIfMarketId)).size === markets.length;
}

/** What a market of a question is called in it. */
export function whatIfMarketId({
  protocol,
  market_id,
}: Pick<WhatIfProtocol, "protocol" | "market_id">): string {
  return market_id ?? protocol;
}
