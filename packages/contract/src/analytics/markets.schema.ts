import { z } from "zod";
import {
  cursor,
  dataSource,
  marketFilter,
  nextCursor,
  protocolName,
  seriesLimit,
  timestamp,
} from "../common/common.schema.ts";
import { figure, whole } from "../figures/figures.ts";
import { protocolStatus, riskFigures, unknownInputs } from "./analytics.schema.ts";

export const marketsInput = z
  .object({
    protocol: protocolName.optional(),
    market_id: marketFilter.describe("Only this market. Of one that nobody knows there is nothing"),
    limit: seriesLimit,
    cursor: cursor.optional(),
  })
  .meta({ id: "MarketsInput" })
  .prefault({});
export type MarketsInput = z.output<typeof marketsInput>;

const expectedFigure = (kind: "apy" | "score") =>
  z.object({
    value: figure(kind).describe("The forecast"),
    lower: figure(kind).describe("Where its interval begins"),
    upper: figure(kind).describe("Where its interval ends"),
    interval_level: figure("probability").describe("Probability that the outcome is from lower to upper"),
    target_at: timestamp.describe("The moment that the forecast speaks about, or the end of its window"),
    stale: z
      .boolean()
      .describe(
        "True when the forecast has run out, the market had been silent for long, or its protocol is not active; never advised on",
      ),
  });

const expectedApy = expectedFigure("apy").meta({ id: "ExpectedApy" });
const expectedRisk = expectedFigure("score").meta({ id: "ExpectedRisk" });

/** The inputs of a risk score, as the RiskEngine's arithmetic takes them. */
const riskParts = z
  .object({
    utilization: figure("utilization").describe("Borrowed over supplied, 0 to 1; 0 of an AMM"),
    volatility: riskFigures.volatility,
    liquidity_tier: whole("tier").min(0).max(3).describe("0 deepest to 3"),
    audit_score: figure("score").min(0).max(100).describe("100 is best; 0 where no audit could be found"),
    age_days: whole("days").min(0).describe("Since the protocol was launched"),
  })
  .meta({ id: "RiskParts" });

const market = z
  .object({
    market_id: z.string(),
    protocol: protocolName,
    protocol_name: z.string().describe("As people write it"),
    status: protocolStatus,
    symbol: z.string(),
    chain: z.string(),
    kind: z.enum(["lending", "dex", "unknown"]),
    assets: z.array(z.string()).describe("What is deposited there: one asset, or those of a pool"),
    stable: z.boolean().describe("Whether all of them keep the price of a currency"),
    frozen: z.boolean().describe("Whether it takes no deposits, by the newest observation"),
    as_of: timestamp.nullable().describe("Day of the figures; null when there are none"),
    apy: riskFigures.apy.describe("Percent per year"),
    apy_base: figure("apy").nullable().describe("Observed last: from interest or fees, percent"),
    apy_reward: figure("apy").nullable().describe("Observed last: from incentives, percent"),
    tvl_usd: riskFigures.tvl_usd,
    utilization: riskFigures.utilization,
    risk_score: figure("score").min(0).max(100).nullable().describe("RiskEngine score, 5 safest to 95"),
    risk_parts: riskParts.nullable().describe("What the risk score is made of; null where there is none"),
    unknown_inputs: unknownInputs,
    recent_apy: z
      .array(figure("apy"))
      .describe("APY of the last 30 days that have one, the oldest first, percent"),
    expected_apy: expectedApy.nullable().describe("Forecast mean APY until target_at, percent"),
    expected_risk: expectedRisk.nullable().describe("Forecast RiskEngine score at target_at"),
    illiquidity_probability: figure("probability")
      .min(0)
      .max(1)
      .nullable()
      .describe(
        "As of the risk forecast: of being frozen or above 98 % utilization within 14 days; null where that is stale",
      ),
  })
  .meta({ id: "Market" });
export type Market = z.output<typeof market>;

export const markets = z
  .object({ data_source: dataSource, items: z.array(market), next_cursor: nextCursor })
  .meta({ id: "Markets" });
export type Markets = z.output<typeof markets>;
