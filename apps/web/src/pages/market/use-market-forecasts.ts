import type { Market } from "@obsqra/client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { useAllItems } from "../../api/use-all-items.ts";

/** The newest forecasts of all markets of a market's protocol. */
export function useMarketForecasts({ protocol }: Pick<Market, "protocol">) {
  const input = { protocol, granularity: "market", limit: 1000, explain: true } as const;
  const yields = useInfiniteQuery(queries.predictions.yield_forecast.infiniteQueryOptions(input));
  const risks = useInfiniteQuery(queries.predictions.risk_forecast.infiniteQueryOptions(input));
  return { expectedYield: useAllItems(yields), expectedRisk: useAllItems(risks) };
}
