import { z } from "zod";
import {
  allocation,
  cursor,
  dataSource,
  granularity,
  historyDays,
  marketFilter,
  nextCursor,
  protocolName,
  seriesLimit,
  timeOrder,
  timePageFields,
  timestamp,
} from "../common/common.schema.ts";
import { figure, whole } from "../figures/figures.ts";

export const protocolStatus = z
  .enum(["active", "paused", "deprecated", "exploited"])
  .describe("Only active protocols may receive money")
  .meta({ id: "ProtocolStatus" });
export type ProtocolStatus = z.output<typeof protocolStatus>;

export const riskHistoryInput = z
  .object({
    protocol: protocolName.optional(),
    days: historyDays,
    market_id: marketFilter,
    granularity,
    sort: timeOrder,
    limit: seriesLimit,
    cursor: cursor.optional(),
  })
  .meta({ id: "RiskHistoryInput" })
  .prefault({});
export type RiskHistoryInput = z.output<typeof riskHistoryInput>;

/** Which inputs of a risk score are not known, so that the worst, or the least, was taken for them. */
export const unknownInputs = z
  .array(
    z
      .enum(["liquidity", "audit", "age"])
      .describe(
        "liquidity: no TVL is known, which counts as the worst tier; audit: no audit could be found, which counts as a score of 0; age: nobody knows since when the protocol runs, which counts from the first observation of the market",
      ),
  )
  .describe("What the risk score rests on that is not known, in this order; empty when all of it is");

/** What a figure of a protocol is, in the risk history, on the dashboard and as the current value of forecasts alike. */
export const protocolFigureMeaning =
  "of a protocol, the mean over its markets that have a risk score, each with its newest figures of that day or of the three days before, weighted by the last TVL that was believed, equally where no TVL is known, and an APY counting with at most 500 %";

/** What is known of a market or a protocol on a day. */
export const riskFigures = {
  risk_score: figure("score")
    .min(0)
    .max(100)
    .describe(`RiskEngine score, 5 safest to 95; ${protocolFigureMeaning}`),
  apy: figure("apy").nullable().describe(`Percent per year; ${protocolFigureMeaning}`),
  tvl_usd: figure("usd")
    .nullable()
    .describe(
      "The last that was believed, at most seven days old; of a protocol, the sum; null when unknown",
    ),
  utilization: figure("utilization")
    .nullable()
    .describe("Borrowed over supplied, 0 to 1; null for an AMM, where it is undefined"),
  volatility: figure("apyPoints").describe(
    "Sample standard deviation of the daily APY over the last 30 days, in percentage points, at most 100",
  ),
};

const riskPoint = z
  .object({
    protocol: protocolName,
    market_id: z.string().nullable().describe("Null for a protocol's aggregate"),
    symbol: z.string().nullable(),
    as_of: timestamp,
    ...riskFigures,
    unknown_inputs: unknownInputs,
    liquidity_tier: whole("tier").min(0).max(3).nullable().describe("0 deepest to 3; null for an aggregate"),
    market_count: whole("markets").positive().describe("How many markets the figures are of"),
  })
  .meta({ id: "RiskPoint" });
export type RiskPoint = z.output<typeof riskPoint>;

export const riskHistory = z
  .object({ data_source: dataSource, items: z.array(riskPoint), next_cursor: nextCursor })
  .meta({ id: "RiskHistory" });
export type RiskHistory = z.output<typeof riskHistory>;

export const allocationHistoryInput = z
  .object(timePageFields)
  .meta({ id: "AllocationHistoryInput" })
  .prefault({});
export type AllocationHistoryInput = z.output<typeof allocationHistoryInput>;

const allocationSnapshot = z
  .object({
    id: z.uuid(),
    allocation,
    reason: z.string().describe("Why the allocation changed"),
    suggestion_id: z.uuid().nullable().describe("The suggestion that it follows"),
    tx_hash: z.string().nullable().describe("The transaction that made it so"),
    created_at: timestamp,
  })
  .meta({ id: "AllocationSnapshot" });
export type AllocationSnapshot = z.output<typeof allocationSnapshot>;

export const allocationHistory = z
  .object({ items: z.array(allocationSnapshot), next_cursor: nextCursor })
  .meta({ id: "AllocationHistory" });
export type AllocationHistory = z.output<typeof allocationHistory>;

export const dashboardInput = z.object({ days: historyDays }).meta({ id: "DashboardInput" }).prefault({});
export type DashboardInput = z.output<typeof dashboardInput>;

const droppedMarket = z
  .object({
    market_id: z.string(),
    symbol: z.string(),
    cause: z
      .enum(["quarantined", "silent", "no_risk_score", "unknown_kind"])
      .describe(
        "quarantined: nothing is taken of it, because the source does not have it whole; silent: the source no longer observes it; no_risk_score: it is observed, and too little is known to score it; unknown_kind: nothing tells whether it lends or is a DEX pool, so that it has no risk score, and had none where last_scored_at is null",
      ),
    last_scored_at: timestamp
      .nullable()
      .describe("The last day with figures; null where there were none in the month before"),
  })
  .meta({ id: "DroppedMarket" });

const protocolOverview = z
  .object({
    protocol: protocolName,
    display_name: z.string(),
    status: protocolStatus,
    status_evidence_url: z.string().nullable(),
    as_of: timestamp.nullable().describe("Newest day with figures; null when there are none"),
    risk_score: riskFigures.risk_score.nullable(),
    unknown_inputs: unknownInputs,
    apy: riskFigures.apy,
    tvl_usd: riskFigures.tvl_usd,
    market_count: whole("markets").min(0).describe("Those that have a risk score"),
    risk_score_trend: figure("score").nullable().describe("Change of the risk score over the period"),
    apy_trend: figure("apyPoints")
      .nullable()
      .describe("Change of the APY over the period, in percentage points"),
    dropped_markets: z
      .array(droppedMarket)
      .describe(
        "Its markets that lost their risk score in the last month, or have none because their kind is unknown, by id; they are not advised on",
      ),
  })
  .meta({ id: "ProtocolOverview" });
export type ProtocolOverview = z.output<typeof protocolOverview>;

export const dashboard = z
  .object({
    period: z.object({
      days: whole("days").describe("As it was asked for"),
      from: timestamp.nullable(),
      to: timestamp.nullable(),
    }),
    data_source: dataSource,
    latest_allocation: allocationSnapshot.nullable(),
    protocols: z.array(protocolOverview).describe("All known protocols, by name"),
    aggregates: z
      .object({
        protocol_count: whole("protocols").describe("All that are known"),
        active_protocol_count: whole("protocols").describe("Those that may receive money"),
        market_count: whole("markets").describe("Of the active protocols"),
        tvl_usd: figure("usd").nullable().describe("Of the active protocols"),
        mean_risk_score: figure("score")
          .nullable()
          .describe("TVL-weighted over the markets of the active protocols"),
        mean_apy: figure("apy")
          .nullable()
          .describe("TVL-weighted over the markets of the active protocols, percent"),
      })
      .meta({ id: "DashboardAggregates" }),
  })
  .meta({ id: "Dashboard" });
export type Dashboard = z.output<typeof dashboard>;

export const marketOverview = dashboard.omit({ latest_allocation: true }).meta({ id: "MarketOverview" });
export type MarketOverview = z.output<typeof marketOverview>;
