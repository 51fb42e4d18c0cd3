import { z } from "zod";
import { protocolStatus } from "../analytics/analytics.schema.ts";
import { allocation, protocolName, sharePercent } from "../common/common.schema.ts";
import { riskTolerance } from "../users/users.schema.ts";
import { bindingLimit, excludedProtocol } from "./predictions.schema.ts";

/** So many protocols one question may name; with all their fields they fit the largest body that is read. */
const protocolsMax = 50;

const apyPercent = z.number().min(-100).max(1_000_000);

const whatIfMetrics = z
  .strictObject({
    utilization: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe("Borrowed over supplied, 0 to 1; null for an AMM, where it counts as 0"),
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

const whatIfLimits = z
  .strictObject({
    max_share: sharePercent.min(1).describe("Largest share of one protocol, percent"),
    min_diversification: z
      .int()
      .min(0)
      .max(10)
      .describe("How many shares must reach 10 %, as the RiskEngine contract counts them"),
    max_portfolio_risk: z.number().min(0).max(100).describe("Largest share-weighted risk score"),
  })
  .meta({ id: "WhatIfLimits" });

const whatIfCosts = z
  .strictObject({
    moving_cost_bp: z
      .number()
      .min(0)
      .max(10_000)
      .describe("Basis points of what enters a protocol: gas, slippage and fees together"),
    holding_period_days: z
      .number()
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
      .max(protocolsMax)
      .refine(hasDistinctNames, "name each protocol once")
      .describe(`1 to ${protocolsMax}; their order does not matter`),
    risk_tolerance: riskTolerance.optional().describe("Instead of the one in your preferences"),
    current_allocation: allocation
      .optional()
      .describe(
        "Percent per protocol, summing to 100; nothing is invested without it. What is held in a protocol that is not in the request must leave it",
      ),
    limits: whatIfLimits.partial().optional().describe("Instead of those of the risk tolerance"),
    costs: whatIfCosts
      .partial()
      .optional()
      .describe("Instead of those of run_optimization and your preferences"),
  })
  .meta({ id: "WhatIfInput", examples: [whatIfExample] });
export type WhatIfInput = z.output<typeof whatIfInput>;

const whatIfShare = z
  .object({
    protocol: protocolName,
    basis_points: z.int().min(0).max(10_000).describe("Of allocation; they sum to 10,000"),
    percent: z.number(),
    target_basis_points: z.int().min(0).max(10_000).describe("Of target_allocation; they sum to 10,000"),
    current_percent: z.number(),
    apy: z.number().nullable().describe("As it was given; null for a holding that was not in the request"),
    risk_score: z
      .number()
      .min(0)
      .max(100)
      .nullable()
      .describe(
        "The RiskEngine contract's score of the metrics, 5 safest to 95; null for a holding that was not in the request",
      ),
    risk_components: z
      .object({
        utilization: z.int(),
        volatility: z.int(),
        liquidity: z.int(),
        audit: z.int(),
        age: z.int(),
      })
      .nullable()
      .describe("What each metric adds to the score, before it is limited to 5 to 95"),
  })
  .meta({ id: "WhatIfShare" });

export const whatIf = z
  .object({
    outcome: z.enum(["rebalance", "hold"]).describe("hold when moving does not pay"),
    allocation: allocation.describe("Percent per protocol; the current one when outcome is hold"),
    target_allocation: allocation.describe(
      "The best mix under the limits, also when moving to it does not pay",
    ),
    shares: z.array(whatIfShare).describe("Every protocol of the request or the current allocation, by name"),
    reason: z.string(),
    expected_improvement: z
      .number()
      .describe("Net gain of moving to the target: percentage points of APY, less annual_cost"),
    expected_apy_before: z.number().nullable().describe("Percent; null when nothing is invested yet"),
    expected_apy_after: z.number().describe("Percent, of the target, before costs"),
    portfolio_risk_before: z
      .number()
      .nullable()
      .describe("Weighted risk score; null when nothing is invested yet"),
    portfolio_risk_after: z.number().describe("Weighted risk score of the target"),
    turnover_percent: z.number().describe("Part of the portfolio that a move to the target moves"),
    cost_bp: z.number().describe("One-off cost of that move, basis points of the portfolio"),
    annual_cost: z.number().describe("The same over the holding period, percentage points of APY"),
    confidence: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe(
        "Estimated probability that the target beats the current allocation net of costs, if the given intervals hold and errors are independent and normal; null unless every active protocol has an interval",
      ),
    optimality_gap: z
      .number()
      .min(0)
      .describe(
        "Percentage points of risk-adjusted APY by which another mix could at most be better; 0 when the target is proven optimal",
      ),
    binding_limits: z.array(bindingLimit).describe("The limits that hold the target back, dearest first"),
    excluded: z.array(excludedProtocol),
    warnings: z.array(z.string()).describe("Where the question departs from what is known"),
    risk_tolerance: riskTolerance,
    limits: whatIfLimits.describe("Those that were kept"),
    costs: whatIfCosts.describe("Those that were counted"),
  })
  .meta({ id: "WhatIf" });
export type WhatIf = z.output<typeof whatIf>;

function hasDistinctNames(protocols: readonly { readonly protocol: string }[]): boolean {
  return new Set(protocols.map(({ protocol }) => protocol)).size === protocols.length;
}
