import { applyRetention } from "@obsqra/platform";
import { expect, it } from "vitest";
import { createTestApi, importCsv } from "../testing/index.ts";
import { findImport, loadPanelOf } from "./market.service.ts";
import { marketRetention } from "./retention.service.ts";

const dayMs = 24 * 60 * 60_000;
const { signal } = new AbortController();

it("lets go of what was replaced 400 days before the newest import, and then no longer tells the history before", async () => {
  await using api = await createTestApi();
  const { db } = api.deps;
  const importApys = async (apys: readonly number[]) => {
    const rows = apys.map(
      (apy, day) => `pool,fixture-swap,Starknet,A-B,2025-01-0${day + 1}T23:00:00Z,1000000,${apy}`,
    );
    await importCsv(api, ["pool,project,chain,symbol,timestamp,tvlUsd,apy", ...rows].join("\n"));
    return (await findImport(api.deps, "file:history.csv"))?.id ?? "";
  };
  const told = async (importId: string) => {
    const [series] = await loadPanelOf(api.deps, importId);
    return series && Array.from(series.apy);
  };
  const replaced = () =>
    db.selectFrom("market_history_revisions").select(["apy", "replaced_by"]).orderBy("apy").execute();
  const clear = () => applyRetention(api.deps, marketRetention, signal);

  const first = await importApys([1, 2, 3]);
  api.clock.advance(dayMs);
  const second = await importApys([10, 2, 3]);
  api.clock.advance(400 * dayMs - 1);
  const third = await importApys([10, 20, 3]);
  const all = [
    { apy: 1, replaced_by: second },
    { apy: 2, replaced_by: third },
  ];
  // Now it is 400 days, but for the source itself it is not yet.
  api.clock.advance(1);
  expect(await clear()).toBe(0);
  expect(await replaced()).toEqual(all);
  await expect(db.deleteFrom("market_history_revisions").execute()).rejects.toMatchObject({ code: "23001" });
  expect(await told(first)).toEqual([1, 2, 3]);

  const fourth = await importApys([10, 20, 30]);
  expect(await told(first)).toBeUndefined();
  expect(
    await Promise.all([clear(), clear()]).then((counts) => counts.reduce((sum, count) => sum + count)),
  ).toBe(1);
  expect(await replaced()).toEqual([all[1], { apy: 3, replaced_by: fourth }]);
  expect(await Promise.all([second, third, fourth].map(told))).toEqual([
    [10, 2, 3],
    [10, 20, 3],
    [10, 20, 30],
  ]);
});
