import { defineEndpoint } from "../endpoint.ts";
import {
  allocationHistory,
  allocationHistoryInput,
  dashboard,
  dashboardInput,
  riskHistory,
  riskHistoryInput,
} from "./analytics.schema.ts";

export const analyticsEndpoints = {
  risk_history: defineEndpoint({
    kind: "query",
    access: "analytics:read",
    rest: { method: "GET", path: "/analytics/risk-history", status: 200 },
    summary: "Risk scores and yields over time",
    description: "Newest first. The days count back from the newest observation of the data source.",
    input: riskHistoryInput,
    output: riskHistory,
    errors: ["PROTOCOL_UNKNOWN", "CURSOR_INVALID"],
  }),
  allocation_history: defineEndpoint({
    kind: "query",
    access: "analytics:read",
    rest: { method: "GET", path: "/analytics/allocation-history", status: 200 },
    summary: "Your allocations over time, why each changed, and its transaction",
    description: "Newest first. A snapshot is made when an allocate or rebalance transaction is logged.",
    input: allocationHistoryInput,
    output: allocationHistory,
    errors: ["CURSOR_INVALID"],
  }),
  dashboard: defineEndpoint({
    kind: "query",
    access: "analytics:read",
    rest: { method: "GET", path: "/analytics/dashboard", status: 200 },
    summary: "Latest allocation, current risk and yield per protocol, aggregates and trends",
    input: dashboardInput,
    output: dashboard,
    errors: [],
  }),
} as const;
