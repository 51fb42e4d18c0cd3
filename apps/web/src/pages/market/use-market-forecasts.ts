import type { Market } from "@obsqra/client";
import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";

/** The newest forecasts of all markets of a market's protocol, of which there are few. */
export function useMarketForecasts({ protocol }: Pick<Market, "protocol">) {
  const input = { protocol, granularity: "market", limit: 1000 } as const;
  const yields = useQuery(queries.predictions.yield_forecast.queryOptions(input));
  const risks = useQuery(queries.predictions.risk_forecast.queryOptions(input));
  return { expectedYield: yields.data?.items, expectedRisk: risks.data?.items };
}
