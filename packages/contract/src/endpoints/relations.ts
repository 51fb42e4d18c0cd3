/** That an object names another, which a list has. */
export interface Relation {
  /** The objects that name it, by the ids of their schemas. */
  readonly of: readonly string[];
  /** What the other is called from there. */
  readonly name: string;
  readonly description: string;
  /** The list, as tRPC spells its endpoint, and what it is asked with. */
  readonly path: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The field that has the same value in both; in it, null means that there is no other. */
  readonly by: string;
}

/** What can be followed where callers choose what they get. */
export const relations: readonly Relation[] = [
  {
    of: ["RiskForecastItem", "YieldForecastItem", "PastForecast", "RiskPoint"],
    name: "market",
    description:
      "The market as it stands; null for what is about a protocol, and for a market that is no longer listed",
    path: "analytics.markets",
    input: {},
    by: "market_id",
  },
  {
    of: ["Market"],
    name: "yield_forecast",
    description: "What the market is expected to pay; null where there is no forecast",
    path: "predictions.yield_forecast",
    input: { granularity: "market" },
    by: "market_id",
  },
  {
    of: ["Market"],
    name: "risk_forecast",
    description: "How risky the market is expected to be; null where there is no forecast",
    path: "predictions.risk_forecast",
    input: { granularity: "market" },
    by: "market_id",
  },
];
