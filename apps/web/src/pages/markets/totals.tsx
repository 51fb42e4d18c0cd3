import { useQuery } from "@tanstack/react-query";
import { overviewQuery } from "../../api/first-page.ts";
import { Stats } from "../../components/stats.tsx";
import { percent, score, usd, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { market, shell } = texts;
const { totals } = market;

/** The markets of all active protocols together. */
export function Totals() {
  const { data, error } = useQuery(overviewQuery);
  if (data === undefined && error !== null) return null;
  const { tvl_usd, mean_apy, mean_risk_score, market_count, active_protocol_count } = data?.aggregates ?? {};
  // As high before it is known as after: nothing below may move.
  const ofProtocols =
    active_protocol_count === undefined ? shell.loading : totals.ofProtocols(active_protocol_count);
  return (
    <Stats
      figures={[
        { name: totals.tvl, value: usd(tvl_usd), note: ofProtocols },
        { name: totals.apy, value: percent(mean_apy), note: totals.weighted },
        { name: totals.risk, value: score(mean_risk_score), note: totals.score },
        { name: totals.markets, value: whole(market_count), note: ofProtocols },
      ]}
    />
  );
}
