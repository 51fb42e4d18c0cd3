import { expect, it } from "vitest";
import { createTestApi, importCsv } from "../testing/index.ts";

/** Daily rows of January 2025, with a TVL or without. */
function rows(project: string, symbol: string, tvlUsd: string): string[] {
  return Array.from({ length: 10 }, (_, index) => {
    const moment = new Date(Date.UTC(2025, 0, index + 1, 12)).toISOString();
    return `${project}:${symbol},${project},Starknet,${symbol},${moment},${tvlUsd},${5 + (index % 3)}`;
  });
}

it("says with each risk score which of its inputs are not known, and of none that are", async () => {
  await using api = await createTestApi({ marketSource: "file:history.csv" });
  const ada = await api.signUp();
  const lines = [
    ...rows("ekubo", "ETH-USDC", "1000000"),
    ...rows("ekubo", "STRK-USDC", ""),
    ...rows("newcomer", "ETH-USDC", ""),
  ];
  await importCsv(api, ["pool,project,chain,symbol,timestamp,tvlUsd,apy", ...lines].join("\n"));
  const unknown = ["liquidity", "audit", "age"];
  const markets = await ada.analytics.risk_history({ granularity: "market" });
  const told = new Set(
    markets.items.map(({ market_id, unknown_inputs }) => `${market_id} ${unknown_inputs.join()}`),
  );
  expect([...told].toSorted()).toEqual([
    "ekubo:ETH-USDC ",
    "ekubo:STRK-USDC liquidity",
    `newcomer:ETH-USDC ${unknown.join()}`,
  ]);
  for (const { protocol, unknown_inputs } of (await ada.analytics.risk_history()).items) {
    expect(unknown_inputs).toEqual(protocol === "ekubo" ? [] : unknown);
  }
  const { protocols } = await ada.analytics.dashboard();
  const overview = protocols.map(({ protocol, unknown_inputs }) => [protocol, unknown_inputs]);
  expect(Object.fromEntries(overview)).toMatchObject({ ekubo: [], newcomer: unknown, vesu: [] });
});

it("says it with each forecast of a risk score", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp();
  const readUnknown = async (granularity: "market" | "protocol") => {
    const { items } = await ada.predictions.risk_forecast({ granularity });
    return Object.fromEntries(items.map(({ protocol, unknown_inputs }) => [protocol, unknown_inputs]));
  };
  const known = { ekubo: [], nostra: [], vesu: [] };
  expect(await readUnknown("market")).toMatchObject(known);
  expect(await readUnknown("protocol")).toMatchObject(known);
  await api.deps.db
    .updateTable("protocols")
    .set({ launched_at: null, audit_evidence_url: null })
    .where("name", "=", "vesu")
    .execute();
  expect(await readUnknown("market")).toMatchObject({ ...known, vesu: ["audit", "age"] });
  expect(await readUnknown("protocol")).toMatchObject({ ...known, vesu: ["audit", "age"] });
});
