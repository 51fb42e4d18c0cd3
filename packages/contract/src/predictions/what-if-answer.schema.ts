import { z } from "zod";
import { allocation, protocolName } from "../common/common.schema.ts";
import { exact, figure, whole } from "../figures/figures.ts";
import { riskTolerance } from "../users/users.schema.ts";
import { chainGas, gasReadAt, gasSource } from "./counted-gas.schema.ts";
import { suggestionLimit } from "./suggestion-limits.schema.ts";
import { improvementInterval, suggestionOutcome } from "./suggestions.schema.ts";
import { whatIfCosts, whatIfLimits } from "./what-if.schema.ts";

const whatIfShare = z
  .object({
    protocol: protocolName.describe("Name of a protocol, or unallocated"),
    market_id: z
      .string()
      .nullable()
      .describe("As it was given; null where none was, and for a holding that was not in the request"),
    basis_points: whole("basis points").min(0).max(10_000).describe("Of the portfolio; they sum to 10,000"),
    percent: figure("share").describe("The same in percent"),
    target_basis_points: whole("basis points")
      .min(0)
      .max(10_000)
      .describe("Of the best mix; they sum to 10,000"),
    current_percent: figure("share").describe("Percent of the portfolio that is there now"),
    amount: z.string().describe("US dollars to hold there; shares of the amount sum to it"),
    change_amount: z.string().describe("US dollars to deposit; with a minus sign, to withdraw"),
    apy: exact("percent a year", "as you gave it")
      .nullable()
      .describe("Percent, as it was given; null for a holding that was not in the request"),
    impermanent_loss: figure("apy").describe(
      "Expected a year, percent, by the documented volatility of such pairs; 0 of a single asset",
    ),
    price_risk: figure("apy").describe(
      "Percent a year that a new holding has to bring more because its assets are not yours, as in a suggestion; no part of net APYs",
    ),
    net_apy_at_amount: figure("apy")
      .nullable()
      .describe("Percent: the APY less impermanent loss, diluted by what the best mix puts there"),
    risk_score: figure("score")
      .min(0)
      .max(100)
      .nullable()
      .describe(
        "The RiskEngine contract's score of the metrics, 5 safest to 95; null for a holding that was not in the request",
      ),
    risk_components: z
      .object({
        utilization: whole("score points").describe("Of what is lent out"),
        volatility: whole("score points").describe("Of how the APY varies"),
        liquidity: whole("score points").describe("Of the tier of TVL"),
        audit: whole("score points").describe("Of the audit score"),
        age: whole("score points").describe("Of the days since launch; below 0 for an old protocol"),
      })
      .nullable()
      .describe("What each metric adds to the score, before it is limited to 5 to 95"),
  })
  .meta({ id: "WhatIfShare" });

const whatIfExclusion = z
  .object({
    protocol: protocolName,
    market_id: z.string().nullable(),
    reason: z
      .string()
      .describe(
        "paused, deprecated or exploited: its status; illiquid: 98 % or more is lent out; too_small: 1 % of yours would be more than a tenth of what can be taken out; other_asset: you do not accept what it is of; not_a_candidate: it is held, and nothing is said of it",
      ),
  })
  .meta({ id: "WhatIfExclusion" });

export const whatIf = z
  .object({
    outcome: suggestionOutcome,
    allocation: allocation.describe(
      "Percent per protocol, and of what is best left unallocated; sums to 100. The current one when outcome is hold",
    ),
    target_allocation: allocation.describe(
      "The best mix under the limits, also when moving to it does not pay",
    ),
    shares: z
      .array(whatIfShare)
      .describe("Every market of the request and every other holding, by protocol, then market"),
    reason: z
      .string()
      .describe(
        "What to do and what that is expected to bring, what forces or forbids it, and the two facts that decided it with their figures",
      ),
    unallocated_reason: z
      .string()
      .nullable()
      .describe("Why something is left unallocated; null when nothing is"),
    expected_improvement: figure("apyPoints").describe(
      "Net gain of moving to the target: percentage points of APY, less annual_cost",
    ),
    improvement_interval: improvementInterval
      .nullable()
      .describe("Holds it with the probability level, percentage points; null where confidence is"),
    expected_apy_before: figure("apy").nullable().describe("Percent; null when nothing is invested yet"),
    expected_apy_after: figure("apy").describe(
      "Percent, of the target, net of impermanent loss and dilution, before costs",
    ),
    portfolio_risk_before: figure("score")
      .nullable()
      .describe("Weighted risk score; null when nothing is invested yet"),
    portfolio_risk_after: figure("score").describe("Weighted risk score of the target"),
    turnover_percent: figure("share").describe(
      "Part of the portfolio that a move to the target puts into markets",
    ),
    amount: z.string().describe("US dollars that the amounts are shares of"),
    cost_bp: figure("basisPoints").describe("One-off cost of that move, basis points of the portfolio"),
    annual_cost: figure("apyPoints").describe("The same over the holding period, percentage points of APY"),
    break_even_days: figure("days")
      .nullable()
      .describe("After so many days the higher yield has paid for the move; null when it never does"),
    confidence: figure("probability")
      .min(0)
      .max(1)
      .nullable()
      .describe(
        "Probability that the target beats the current allocation net of costs, if the given intervals hold and errors are independent and normal; null unless every active market has an interval. Nothing below 0.8 is suggested",
      ),
    optimality_gap: figure("marginalApy")
      .min(0)
      .describe(
        "Percentage points of risk-adjusted APY by which another mix could at most be better; 0 when the target is proven optimal",
      ),
    binding_limits: z.array(suggestionLimit).describe("The limits that hold the target back, dearest first"),
    excluded: z.array(whatIfExclusion).describe("What gets nothing, and why"),
    warnings: z
      .array(z.string())
      .describe("Where the question departs from what is known, and what the figures leave out"),
    risk_tolerance: riskTolerance,
    limits: whatIfLimits.describe("Those that were kept"),
    costs: whatIfCosts
      .extend({
        moving_cost_bp: whatIfCosts.shape.moving_cost_bp
          .nullable()
          .describe(
            "Null where it was not given, so that gas and exchange were counted, as gas_source says and as documented",
          ),
        gas_source: gasSource
          .nullable()
          .describe("Of gas as it was counted; null where moving_cost_bp was given"),
        gas_read_at: gasReadAt,
        gas: z
          .array(chainGas)
          .describe("What a move cost where that was read; on other chains it was as documented"),
      })
      .meta({ id: "WhatIfCountedCosts" })
      .describe("Those that were counted"),
  })
  .meta({ id: "WhatIf" });
export type WhatIf = z.output<typeof whatIf>;
