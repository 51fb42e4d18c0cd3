import { defineEndpoint } from "../endpoints/endpoint.ts";
import {
  allocationHistory,
  allocationHistoryInput,
  dashboard,
  dashboardInput,
  marketOverview,
  riskHistory,
  riskHistoryInput,
} from "./analytics.schema.ts";
import { markets, marketsInput } from "./markets.schema.ts";

export const analyticsEndpoints = {
  markets: defineEndpoint({
    kind: "query",
    access: "public",
    closedAccess: "analytics:read",
    weight: 5,
    rest: { method: "GET", path: "/analytics/markets", status: 200 },
    summary: "Every market as it stands, with what is expected of it",
    description:
      "Ordered by protocol, then market. The figures are those of the newest day that was over, at most seven days old; the forecasts are the newest of the live models.",
    input: marketsInput,
    output: markets,
    errors: ["PROTOCOL_UNKNOWN", "CURSOR_INVALID"],
    revalidates: true,
  }),
  overview: defineEndpoint({
    kind: "query",
    access: "public",
    closedAccess: "analytics:read",
    weight: 5,
    rest: { method: "GET", path: "/analytics/overview", status: 200 },
    summary: "Current risk and yield per protocol, aggregates and trends",
    description: "The dashboard without what you hold.",
    input: dashboardInput,
    output: marketOverview,
    errors: [],
    revalidates: true,
  }),
  risk_history: defineEndpoint({
    kind: "query",
    access: "public",
    closedAccess: "analytics:read",
    weight: 5,
    rest: { method: "GET", path: "/analytics/risk-history", status: 200 },
    summary: "Risk scores and yields over time",
    description:
      "Newest first, unless sort says otherwise; within a day by protocol, then market. The days count back from the newest one that the data source had, and that was over, when the first page was read.",
    input: riskHistoryInput,
    output: riskHistory,
    errors: ["PROTOCOL_UNKNOWN", "CURSOR_INVALID"],
    revalidates: true,
  }),
  allocation_history: defineEndpoint({
    kind: "query",
    access: "analytics:read",
    weight: 5,
    rest: { method: "GET", path: "/analytics/allocation-history", status: 200 },
    summary: "Your allocations over time, why each changed, and its transaction",
    description:
      "Newest first, unless sort says otherwise. A snapshot is made when an allocate or rebalance transaction is logged.",
    input: allocationHistoryInput,
    output: allocationHistory,
    errors: ["CURSOR_INVALID"],
    revalidates: true,
  }),
  dashboard: defineEndpoint({
    kind: "query",
    access: "analytics:read",
    weight: 5,
    rest: { method: "GET", path: "/analytics/dashboard", status: 200 },
    summary: "Latest allocation, current risk and yield per protocol, aggregates and trends",
    input: dashboardInput,
    output: dashboard,
    errors: [],
    revalidates: true,
  }),
} as const;
