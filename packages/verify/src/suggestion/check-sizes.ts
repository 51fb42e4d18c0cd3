import type { AdviceBasis, MarketCandidate } from "@obsqra/ml/advice";
import type { MarketSeries } from "@obsqra/ml/forecast";
import { expectThat, type Finding, notChecked, passed } from "../check.ts";
import { type ArtefactPlace, readMarketData } from "../execution/read-artefacts.ts";
import type { CheckedLog } from "../read-log.ts";
import { first } from "../record/aggregates.ts";

/**
 * That what a suggestion rests on has each market as the published market data have it, of the forecasts that it rests on: its size, its
 * utilisation and its rewards, by which yields are diluted, and whether it takes deposits.
 */
export async function checkSizes(
  basis: AdviceBasis,
  { batches, place }: { readonly batches: readonly number[]; readonly place: ArtefactPlace },
  log: CheckedLog,
): Promise<Finding> {
  const [index] = batches;
  if (index === undefined) return notChecked("The forecasts that it rests on are not in the log.");
  const { panel_sha256: panel, artefact_sha256: snapshot } = Object((await log.entry(index)).snapshot);
  if (typeof panel !== "string" || typeof snapshot !== "string") {
    return notChecked("The service has not published the market data of its forecasts.");
  }
  const data = await readMarketData({ snapshot, panel }, place);
  const known = new Map(data.map((series) => [series.market_id, series]));
  const wrong = basis.markets.flatMap((market) => differencesOf(market, known.get(market.market_id)));
  expectThat(
    wrong.length === 0,
    `It rests on other sizes of markets than the published market data have: ${first(wrong)}.`,
  );
  return passed(
    `TVL, utilisation and yields of ${basis.markets.length} markets are those of the published market data, ${panel}.`,
  );
}

function differencesOf(market: MarketCandidate, series: MarketSeries | undefined): string[] {
  if (series === undefined || series.days.length === 0) return [`${market.market_id} is not in the data`];
  const newest = <TValue>(column: { readonly [index: number]: TValue }) => column[series.days.length - 1];
  const known: Readonly<Record<string, readonly [found: unknown, published: unknown]>> = {
    protocol: [market.protocol, series.protocol],
    kind: [market.kind, series.kind],
    TVL: [market.tvl_usd, orNull(newest(series.tvl_usd))],
    utilisation: [market.utilization, orNull(newest(series.utilization))],
    "base APY": [market.apy_base, orNull(newest(series.apy_base))],
    // The data have no rewards as 0.
    rewards: [market.apy_reward ?? 0, newest(series.apy_reward)],
    frozen: [market.frozen, newest(series.frozen) === 1],
  };
  return Object.entries(known).flatMap(([name, [found, published]]) =>
    found === published
      ? []
      : [`the ${name} of ${market.market_id} is ${String(found)}, and ${String(published)} was published`],
  );
}

/** The data have what is unknown as NaN. */
function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
