import { z } from "zod";
import { figure } from "../figures/figures.ts";

/** What one unit more, or less, of a limit is. */
const limitUnit = z
  .enum(["percentage_point_of_share", "risk_point", "share_of_10_percent"])
  .meta({ id: "LimitUnit" });

/** A limit without which the best mix would be better, and what it costs. */
export const suggestionLimit = z
  .object({
    limit: z
      .enum([
        "max_single",
        "min_share",
        "max_portfolio_risk",
        "min_diversification",
        "max_protocol",
        "max_market",
        "max_chain",
        "exit_liquidity",
      ])
      .describe(
        "max_protocol, max_market, max_chain: the largest share of one; exit_liquidity: a tenth of what can be taken out of a market; max_single, min_share and min_diversification in suggestions of versions that knew protocols only",
      ),
    protocol: z.string().nullable().describe("Whose share the limit holds, where it concerns one"),
    shadow_price: figure("marginalApy")
      .nullable()
      .default(null)
      .describe(
        "Percentage points of risk-adjusted APY that loosening the limit by one shadow_price_unit adds: a dual value of the linear programme, which is the most that a small loosening can add. Null in suggestions from before it was recorded",
      ),
    shadow_price_unit: limitUnit.nullable().default(null),
    sentence: z.string(),
    market_id: z.string().nullable().default(null),
    chain: z.string().nullable().default(null).describe("Of max_chain: which one"),
  })
  .meta({ id: "SuggestionLimit" });
