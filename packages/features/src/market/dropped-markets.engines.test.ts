import { expect, it } from "vitest";
import { getFreshness } from "../predictions/forecasts/freshness.service.ts";
import { createTestApi, loadCsv, type TestApi } from "../testing/index.ts";
import { refreshMarketHistory } from "./refresh.service.ts";

const { signal } = new AbortController();
const header = "pool,project,chain,symbol,timestamp,tvlUsd,apy,utilizationImplied";

/** Daily rows of January 2025, with a known utilization until a day of the month. */
function rows(pool: string, project: string, until: number, utilizationUntil = until): string[] {
  return Array.from({ length: until }, (_, index) => {
    const day = index + 1;
    const moment = new Date(Date.UTC(2025, 0, day, 12)).toISOString();
    return `${pool},${project},Starknet,${pool.toUpperCase()},${moment},1000000,${5 + (day % 3)},${day <= utilizationUntil ? 0.5 : ""}`;
  });
}

/** Refreshes from a file with these rows. */
async function refreshFrom({ deps }: TestApi, lines: readonly string[]) {
  const dataset = await loadCsv([header, ...lines].join("\n"), deps);
  const source = { name: dataset.source, simulated: false, load: async () => dataset };
  const hashed = { ...source, contentSha256: async () => dataset.content_sha256 };
  return refreshMarketHistory({ ...deps, source: hashed }, { signal });
}

it("says which markets and protocols have lost their risk score, why, and when they had it last", async () => {
  await using api = await createTestApi({ marketSource: "file:history.csv" });
  const ada = await api.signUp();
  const all = (until: number) => [
    ...rows("kept", "vesu", until),
    ...rows("blind", "vesu", until, 12),
    ...rows("silent", "vesu", Math.min(until, 12)),
    ...rows("gone", "ekubo", Math.min(until, 12)),
  ];
  expect(await refreshFrom(api, all(12))).toMatchObject({ dropped: [] });
  expect(api.logged).toEqual([]);
  // What is known of a utilization counts for seven days.
  const blind = {
    market_id: "blind",
    symbol: "BLIND",
    cause: "no_risk_score",
    last_scored_at: "2025-01-19T00:00:00.000Z",
  };
  const silent = {
    market_id: "silent",
    symbol: "SILENT",
    cause: "silent",
    last_scored_at: "2025-01-12T00:00:00.000Z",
  };
  const gone = { ...silent, market_id: "gone", symbol: "GONE" };
  const { dropped } = await refreshFrom(api, all(24));
  expect(dropped?.map(({ market_id, protocol }) => [market_id, protocol])).toEqual([
    ["blind", "vesu"],
    ["gone", "ekubo"],
    ["silent", "vesu"],
  ]);
  expect(api.logged).toMatchObject([
    {
      facts: {
        markets: [{ market_id: "blind" }, { market_id: "gone" }, { market_id: "silent" }],
        protocols: ["ekubo"],
      },
      message: "Markets have lost their risk score.",
    },
  ]);
  const readDashboard = async () => {
    const { protocols } = await ada.analytics.dashboard();
    return Object.fromEntries(protocols.map(({ protocol, dropped_markets }) => [protocol, dropped_markets]));
  };
  expect(await readDashboard()).toEqual({ ekubo: [gone], nostra: [], vesu: [blind, silent], zklend: [] });
  expect(await getFreshness(api.deps, { horizonDays: 7 })).toMatchObject({
    dropped_markets: [
      { ...blind, protocol: "vesu" },
      { ...gone, protocol: "ekubo" },
      { ...silent, protocol: "vesu" },
    ],
    dropped_protocols: ["ekubo"],
  });
  // The one is back, and nothing is said twice of the others.
  await refreshFrom(api, [...all(25), ...rows("silent", "vesu", 25).slice(12)]);
  expect(api.logged).toHaveLength(1);
  expect(await readDashboard()).toMatchObject({ ekubo: [gone], vesu: [blind] });
  // A market that has been gone for more than a month is history.
  await refreshFrom(api, [...all(12), ...rows("kept", "vesu", 59), ...rows("blind", "vesu", 59)]);
  expect(await readDashboard()).toMatchObject({ ekubo: [], vesu: [] });
});

it("names what a file does not have at all any more, until it is back or a month is over", async () => {
  await using api = await createTestApi({ marketSource: "file:history.csv" });
  const ada = await api.signUp();
  // So many that a file without the others can be believed.
  const kept = (until: number) => ["one", "two"].flatMap((id) => rows(id, "vesu", until));
  await refreshFrom(api, [...kept(20), ...rows("gone", "vesu", 20), ...rows("alone", "ekubo", 20)]);
  const alone = {
    market_id: "alone",
    symbol: "ALONE",
    cause: "silent",
    last_scored_at: "2025-01-20T00:00:00.000Z",
  };
  const gone = { ...alone, market_id: "gone", symbol: "GONE" };
  const { dropped } = await refreshFrom(api, kept(20));
  expect(dropped?.map(({ market_id }) => market_id)).toEqual(["alone", "gone"]);
  expect(api.logged).toMatchObject([
    {
      facts: { markets: [{ market_id: "alone" }, { market_id: "gone" }], protocols: ["ekubo"] },
      message: "Markets have lost their risk score.",
    },
  ]);
  const readDashboard = async () => {
    const { protocols } = await ada.analytics.dashboard();
    return Object.fromEntries(protocols.map(({ protocol, dropped_markets }) => [protocol, dropped_markets]));
  };
  expect(await readDashboard()).toMatchObject({ ekubo: [alone], vesu: [gone] });
  // Each further load knows of it only what was kept; a file that ends a day earlier does not change that.
  expect(await refreshFrom(api, kept(21))).toMatchObject({ dropped: [] });
  expect(await refreshFrom(api, kept(20))).toMatchObject({ dropped: [] });
  expect(await readDashboard()).toMatchObject({ ekubo: [alone], vesu: [gone] });
  // Of the one there is an old part again, which nothing counts on; the other is whole.
  await refreshFrom(api, [...kept(22), ...rows("gone", "vesu", 4), ...rows("alone", "ekubo", 22)]);
  expect(await readDashboard()).toMatchObject({ ekubo: [], vesu: [gone] });
  expect(api.logged).toHaveLength(1);
  await refreshFrom(api, [...kept(54), ...rows("alone", "ekubo", 54)]);
  expect(await readDashboard()).toMatchObject({ ekubo: [], vesu: [] });
});

it("warns of a protocol that is not active any more", async () => {
  await using api = await createTestApi({ marketSource: "file:history.csv" });
  await api.deps.db.updateTable("protocols").set({ status: "active" }).where("name", "=", "zklend").execute();
  const lines = rows("old", "zklend", 10);
  expect(await refreshFrom(api, lines)).toMatchObject({ deactivated: ["zklend"] });
  expect(api.logged).toMatchObject([
    { facts: { protocols: ["zklend"] }, message: "Protocols are not active any more." },
  ]);
});
