import type { MarketDataset } from "@obsqra/market";
import { expect, it } from "vitest";
import { getFreshness } from "../predictions/forecasts/freshness.service.ts";
import { renewForecasts } from "../predictions/forecasts/renew-forecasts.service.ts";
import { createTestApi, importLater, loadCsv, openTestWork, type TestApi } from "../testing/index.ts";
import { getProtocolKinds, setProtocolKind } from "./protocol-kinds.service.ts";
import { ProtocolCommandError } from "./protocol-statuses.service.ts";
import { refreshMarketHistory } from "./refresh.service.ts";

const { signal } = new AbortController();
const header = "pool,project,chain,symbol,timestamp,tvlUsd,apy,utilizationImplied";

/** Daily rows of January 2025, with something borrowed from a day of the month on. */
function rows(project: string, symbol: string, borrowedFrom = 32): string[] {
  return Array.from({ length: 20 }, (_, index) => {
    const day = index + 1;
    const moment = new Date(Date.UTC(2025, 0, day, 12)).toISOString();
    const utilization = day >= borrowedFrom ? 0.5 + day / 100 : "";
    return `${project}:${symbol},${project},Ethereum,${symbol},${moment},1000000,${5 + (day % 3)},${utilization}`;
  });
}

async function load({ deps }: TestApi, lines: readonly string[]): Promise<MarketDataset> {
  return loadCsv([header, ...lines].join("\n"), deps);
}

/** Refreshes from a file, or a feed, that has this. */
async function refreshFrom({ deps }: TestApi, dataset: MarketDataset) {
  const source = { name: dataset.source, simulated: false, load: async () => dataset };
  const hashed = { ...source, contentSha256: async () => dataset.content_sha256 };
  const isFile = dataset.source.startsWith("file:");
  return refreshMarketHistory({ ...deps, source: isFile ? hashed : source }, { signal });
}

async function listKinds({ deps: { db } }: TestApi) {
  const rows = await db.selectFrom("markets").select(["id", "kind"]).orderBy("id").execute();
  return Object.fromEntries(rows.map(({ id, kind }) => [id, kind]));
}

function listRisk({ deps: { db } }: TestApi, market_id: string) {
  const risk = db.selectFrom("risk_history").selectAll().where("market_id", "=", market_id);
  return risk.orderBy("as_of").execute();
}

const pools = [...rows("ekubo", "ETH-USDC"), ...rows("ekubo", "STRK-USDC")];

it("gives a market of unknown kind no risk score, and names it and why, also where it never had one", async () => {
  await using api = await createTestApi({ marketSource: "file:history.csv" });
  const ada = await api.signUp();
  await refreshFrom(api, await load(api, [...pools, ...rows("morpho-v1", "USDC")]));
  expect(await listKinds(api)).toEqual({
    "ekubo:ETH-USDC": "dex",
    "ekubo:STRK-USDC": "dex",
    "morpho-v1:USDC": "unknown",
  });
  expect(await listRisk(api, "morpho-v1:USDC")).toEqual([]);
  const { protocols } = await ada.analytics.dashboard();
  expect(protocols.find(({ protocol }) => protocol === "morpho-v1")).toMatchObject({
    risk_score: null,
    market_count: 0,
    dropped_markets: [
      { market_id: "morpho-v1:USDC", symbol: "USDC", cause: "unknown_kind", last_scored_at: null },
    ],
  });
  expect((await ada.analytics.risk_history({ protocol: "morpho-v1" })).items).toEqual([]);
  expect(await getFreshness(api.deps, { horizonDays: 7 })).toMatchObject({
    dropped_markets: [{ market_id: "morpho-v1:USDC", cause: "unknown_kind", last_scored_at: null }],
    dropped_protocols: [],
  });
  expect(api.logged).toMatchObject([
    {
      facts: { protocols: { "morpho-v1": 1 } },
      message: "Markets have no risk score, for nothing tells of what kind they are.",
    },
  ]);
});

it("makes all figures of a market anew when a file shows another kind of it, and takes them back", async () => {
  await using api = await createTestApi({ marketSource: "file:history.csv" });
  await using fresh = await createTestApi({ marketSource: "file:history.csv" });
  const before = await load(api, [...pools, ...rows("morpho-v1", "USDC")]);
  const after = await load(api, [...pools, ...rows("morpho-v1", "USDC", 15)]);
  await refreshFrom(api, before);
  expect(await refreshFrom(api, after)).toMatchObject({ outcome: "imported", dropped: [] });
  await refreshFrom(fresh, after);
  const risk = await listRisk(api, "morpho-v1:USDC");
  expect(risk).toEqual(await listRisk(fresh, "morpho-v1:USDC"));
  // Before the 15th, what is borrowed is not known: it lends, and has no score.
  expect(risk[0]).toMatchObject({ as_of: new Date("2025-01-15"), utilization: 0.65 });
  const { dropped } = await refreshFrom(api, before);
  expect(dropped).toMatchObject([{ cause: "unknown_kind", last_scored_at: new Date("2025-01-20") }]);
  expect(await listRisk(api, "morpho-v1:USDC")).toEqual([]);
  expect((await listKinds(api))["morpho-v1:USDC"]).toBe("unknown");
});

it("lets an operator say what a protocol's markets are, which the next refresh applies to all days, and hand it back", async () => {
  await using api = await createTestApi({ marketSource: "file:history.csv" });
  const file = await load(api, [...pools, ...rows("morpho-v1", "USDC"), ...rows("euler-v2", "WETH", 1)]);
  await refreshFrom(api, file);
  expect(await refreshFrom(api, file)).toMatchObject({ outcome: "unchanged" });
  const ekubo = await listRisk(api, "ekubo:ETH-USDC");
  const lender = await listRisk(api, "euler-v2:WETH");
  const say = (protocol: string, kind: "dex" | "unknown" | undefined) =>
    setProtocolKind(api.deps, { protocol, kind, reason: "it is" });
  await say("morpho-v1", "dex");
  await say("euler-v2", "unknown");
  expect(await refreshFrom(api, file)).toMatchObject({
    outcome: "imported",
    dropped: [{ market_id: "euler-v2:WETH", cause: "unknown_kind" }],
  });
  expect(await refreshFrom(api, file)).toMatchObject({ outcome: "unchanged" });
  const risk = await listRisk(api, "morpho-v1:USDC");
  expect(risk).toHaveLength(ekubo.length);
  expect(new Set(risk.map(({ utilization }) => utilization))).toEqual(new Set([null]));
  expect(await listRisk(api, "euler-v2:WETH")).toEqual([]);
  const kinds = await getProtocolKinds(api.deps);
  expect(kinds.find(({ name }) => name === "morpho-v1")).toMatchObject({
    decided_kind: "dex",
    reason: "it is",
    dex: 1,
  });
  await say("morpho-v1", undefined);
  await say("euler-v2", undefined);
  expect(await refreshFrom(api, file)).toMatchObject({ outcome: "imported" });
  expect(await listRisk(api, "morpho-v1:USDC")).toEqual([]);
  expect(await listRisk(api, "euler-v2:WETH")).toEqual(lender);
  expect(await listRisk(api, "ekubo:ETH-USDC")).toEqual(ekubo);
  await expect(say("morpho-v1", undefined)).rejects.toThrow(ProtocolCommandError);
  await expect(say("nobody", "dex")).rejects.toThrow(ProtocolCommandError);
});

it("remembers of a feed that its market lent, though the feed shows it no more", async () => {
  await using api = await createTestApi({ marketSource: "defillama" });
  const feed = async (lines: readonly string[]) => ({ ...(await load(api, lines)), source: "defillama" });
  await refreshFrom(api, await feed([...pools, ...rows("morpho-v1", "USDC", 12)]));
  const risk = await listRisk(api, "morpho-v1:USDC");
  expect(risk.length).toBeGreaterThan(0);
  await setProtocolKind(api.deps, { protocol: "ekubo", kind: "dex", reason: undefined });
  // Today it has the newest days alone, of which nothing is borrowed.
  const newest = rows("morpho-v1", "USDC")
    .slice(-2)
    .map((row) => row.replace("2025-01-", "2025-02-"));
  await refreshFrom(api, await feed([...pools, ...newest]));
  expect(await listKinds(api)).toMatchObject({ "morpho-v1:USDC": "lending", "ekubo:ETH-USDC": "dex" });
  expect(await listRisk(api, "morpho-v1:USDC")).toEqual(risk);
});

it("advises no money on what is of unknown kind, and shows no risk forecast of it", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp();
  await setProtocolKind(api.deps, { protocol: "vesu", kind: "unknown", reason: undefined });
  await importLater(api, 1);
  await renewForecasts(api.deps, { horizonDays: 7, openWork: openTestWork });
  const risk = await ada.predictions.risk_forecast({ granularity: "market" });
  expect(risk.items.map(({ protocol }) => protocol)).not.toContain("vesu");
  const suggestion = await ada.predictions.run_optimization({ risk_tolerance: "high" });
  expect(suggestion.allocation).not.toHaveProperty("vesu");
});
