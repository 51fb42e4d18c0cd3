import { useQuery } from "@tanstack/react-query";
import { overviewQuery } from "../../api/first-page.ts";
import { Stats } from "../../components/stats.tsx";
import { useSourceLine } from "../../components/use-source-line.ts";
import { fullDay, percent, score, usd, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { market, shell, units } = texts;
const { totals } = market;

/** The markets of all active protocols together. */
export function Totals() {
  const { data, error } = useQuery(overviewQuery);
  const source = useSourceLine();
  if (data === undefined && error !== null) return null;
  const { tvl_usd, mean_apy, mean_risk_score, market_count, active_protocol_count } = data?.aggregates ?? {};
  // As high before it is known as after: nothing below may move.
  const ofProtocols =
    active_protocol_count === undefined ? shell.loading : totals.ofProtocols(active_protocol_count);
  const to = data?.period.to;
  const facts = (unit: string) =>
    data === undefined ? [] : [unit, to == null ? undefined : shell.asOf(fullDay(to)), source];
  return (
    <Stats
      figures={[
        {
          name: totals.tvl,
          value: usd(tvl_usd),
          note: ofProtocols,
          lines: [`$${whole(tvl_usd)}`, ...facts(units.usd)],
        },
        { name: totals.apy, value: percent(mean_apy), note: totals.weighted, lines: facts(units.apy) },
        { name: totals.risk, value: score(mean_risk_score), note: totals.score, lines: facts(units.risk) },
        { name: totals.markets, value: whole(market_count), note: ofProtocols, lines: facts(units.markets) },
      ]}
    />
  );
}
