import { defineEndpoint } from "../endpoints/endpoint.ts";
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
