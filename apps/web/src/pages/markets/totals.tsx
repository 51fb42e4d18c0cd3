import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { Skeleton } from "../../components/states.tsx";
import { Stats } from "../../components/stats.tsx";
import { percent, score, usd, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { totals } = texts.market;

/** The markets of all active protocols together. */
export function Totals() {
  const { data, error } = useQuery(queries.analytics.overview.queryOptions());
  if (data === undefined) return error === null ? <Skeleton height={96} /> : null;
  const { tvl_usd, mean_apy, mean_risk_score, market_count, active_protocol_count } = data.aggregates;
  return (
    <Stats
      figures={[
        { name: totals.tvl, value: usd(tvl_usd), note: totals.ofProtocols(active_protocol_count) },
        { name: totals.apy, value: percent(mean_apy), note: totals.weighted },
        { name: totals.risk, value: score(mean_risk_score), note: totals.score },
        { name: totals.markets, value: whole(market_count), note: totals.ofProtocols(active_protocol_count) },
      ]}
    />
  );
}
