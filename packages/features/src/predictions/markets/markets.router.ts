import { contract } from "@obsqra/contract";
import { fromReplica } from "@obsqra/platform";
import { versionOfServed } from "../../market/cached-response.service.ts";
import { query, router } from "../../trpc.ts";
import { getMarkets } from "./markets.service.ts";

/** What of analytics rests on forecasts. */
export const marketsRouter = router({
  markets: query(contract.analytics.markets, fromReplica(getMarkets), versionOfServed),
});
