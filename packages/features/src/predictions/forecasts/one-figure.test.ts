import { roundFigure } from "@obsqra/contract/testing";
import { expect, it } from "vitest";
import { createTestApi, importCsv, openTestWork } from "../../testing/index.ts";
import { renewForecasts } from "./renew-forecasts.service.ts";

const days = 40;

/** What a row of a market says on a day, counted back from the last one; undefined where it is silent. */
interface Market {
  readonly pool: string;
  readonly project: string;
  readonly symbol: string;
  readonly row: (daysBack: number) => { tvl?: number; apy: number; utilization?: number } | undefined;
}

const wave = (daysBack: number) => Math.sin(daysBack / 3);

const markets: readonly Market[] = [
  // Pools of one protocol: one has been silent for two days, one has a peak, one lacks its TVL of late, one is gone.
  { pool: "a", project: "ekubo", symbol: "ETH-USDC", row: (back) => ({ tvl: 5e6, apy: 9 + wave(back) }) },
  {
    pool: "b",
    project: "ekubo",
    symbol: "STRK-USDC",
    row: (back) => (back < 2 ? undefined : { tvl: 3e6, apy: 20 + wave(back) }),
  },
  {
    pool: "c",
    project: "ekubo",
    symbol: "STRK-ETH",
    row: (back) => ({ tvl: 1e6, apy: back === 0 ? 9_000 : 30 }),
  },
  {
    pool: "d",
    project: "ekubo",
    symbol: "WBTC-ETH",
    row: (back) => ({ ...(back < 3 ? {} : { tvl: 4e6 }), apy: 4 - wave(back) }),
  },
  {
    pool: "e",
    project: "ekubo",
    symbol: "LORDS-ETH",
    row: (back) => (back < 9 ? undefined : { tvl: 8e6, apy: 70 }),
  },
  // Lending: one whose utilization is not known any more, so that it has no score, but a yield.
  {
    pool: "f",
    project: "vesu",
    symbol: "USDC",
    row: (back) => ({ tvl: 2e7, apy: 5, utilization: 0.6 + wave(back) / 10 }),
  },
  {
    pool: "g",
    project: "vesu",
    symbol: "ETH",
    row: (back) => ({ tvl: 9e7, apy: 2 + wave(back), ...(back < 12 ? {} : { utilization: 0.5 }) }),
  },
  // No TVL is known of these.
  { pool: "h", project: "nostra", symbol: "USDC", row: () => ({ apy: 6, utilization: 0.7 }) },
  { pool: "i", project: "nostra", symbol: "ETH", row: (back) => ({ apy: 1 + wave(back), utilization: 0.4 }) },
  // Nothing tells what kind these are.
  { pool: "j", project: "morpho-v1", symbol: "USDC", row: (back) => ({ tvl: 1e7, apy: 8 + wave(back) }) },
];

function toCsv(): string {
  const lines = ["pool,project,chain,symbol,timestamp,tvlUsd,apy,utilizationImplied"];
  for (const { pool, project, symbol, row } of markets) {
    for (let back = days - 1; back >= 0; back -= 1) {
      const said = row(back);
      const moment = new Date(Date.UTC(2025, 10, 30 - back, 12)).toISOString();
      if (said === undefined) continue;
      const cells = [said.tvl ?? "", said.apy, said.utilization ?? ""];
      lines.push([pool, project, "Starknet", symbol, moment, ...cells].join());
    }
  }
  return lines.join("\n");
}

it("is the same figure of a protocol in every answer that has it, and who has none is named", async () => {
  await using api = await createTestApi({ marketSource: "file:history.csv" });
  await importCsv(api, toCsv());
  await renewForecasts(api.deps, {
    horizonDays: 7,
    openWork: openTestWork,
  });
  const ada = await api.signUp();
  const { protocols } = await ada.analytics.dashboard();
  const history = await ada.analytics.risk_history({ days: 1 });
  const risk = await ada.predictions.risk_forecast();
  const apy = await ada.predictions.yield_forecast();
  const advice = await ada.predictions.run_optimization({ risk_tolerance: "high" });
  const ofProtocol = <TItem extends { protocol: string }>(items: readonly TItem[], name: string) =>
    items.find(({ protocol }) => protocol === name);

  const shown = protocols.filter(({ risk_score }) => risk_score !== null);
  expect(shown.map(({ protocol, market_count }) => [protocol, market_count])).toEqual([
    ["ekubo", 4],
    ["nostra", 2],
    ["vesu", 1],
  ]);
  for (const { protocol, as_of, risk_score, apy: currentApy, tvl_usd, market_count } of shown) {
    expect(ofProtocol(history.items, protocol)).toMatchObject({
      as_of,
      risk_score,
      apy: currentApy,
      tvl_usd,
      market_count,
    });
    const forecastRisk = ofProtocol(risk.items, protocol);
    const forecastApy = ofProtocol(apy.items, protocol);
    expect(forecastRisk).toMatchObject({ as_of, current_risk_score: risk_score });
    expect(forecastApy).toMatchObject({ as_of, current_apy: currentApy });
  }
  // The last TVLs that were believed weigh, and a peak counts up to the cap.
  expect(ofProtocol(protocols, "ekubo")?.apy).toBe(
    roundFigure("apy", (5 * 9 + 3 * (20 + wave(2)) + 1 * 500 + 4 * 4) / 13),
  );
  expect(ofProtocol(protocols, "nostra")?.apy).toBe(3.5);
  expect(ofProtocol(protocols, "vesu")?.apy).toBe(5);

  const dropped = protocols.flatMap(({ dropped_markets }) =>
    dropped_markets.map(({ market_id, cause }) => `${market_id}: ${cause}`),
  );
  expect(dropped).toEqual([
    expect.stringMatching(/e: silent$/),
    expect.stringMatching(/j: unknown_kind$/),
    expect.stringMatching(/g: no_risk_score$/),
  ]);
  expect(advice.excluded).toContainEqual({ protocol: "morpho-v1", reason: "no_risk_forecast" });
});
