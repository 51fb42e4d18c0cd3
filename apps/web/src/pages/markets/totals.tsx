import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { Skeleton } from "../../components/states.tsx";
import { percent, score, usd, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { totals } = texts.market;

/** The markets of all active protocols together. */
export function Totals() {
  const { data, error } = useQuery(queries.analytics.overview.queryOptions());
  if (data === undefined) return error === null ? <Skeleton height={96} /> : null;
  const { tvl_usd, mean_apy, mean_risk_score, market_count, active_protocol_count } = data.aggregates;
  const figures = [
    [totals.tvl, usd(tvl_usd), totals.ofProtocols(active_protocol_count)],
    [totals.apy, percent(mean_apy), totals.weighted],
    [totals.risk, score(mean_risk_score), totals.score],
    [totals.markets, whole(market_count), totals.ofProtocols(active_protocol_count)],
  ] as const;
  return (
    <dl className="card stats">
      {figures.map(([name, value, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          <dd>{note}</dd>
        </div>
      ))}
    </dl>
  );
}
