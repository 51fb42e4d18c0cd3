import { fixtureCsv } from "@obsqra/market/testing";
import type { MarketSeries } from "@obsqra/ml";
import { recordStatements } from "@obsqra/platform/testing";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { createTestApi, loadCsv, type TestApi } from "../testing/index.ts";
import { importDataset } from "./import.service.ts";
import { findImport, loadPanel, loadPanelOf } from "./market.service.ts";
import { toPanel } from "./market-series.ts";
import type { ImportedRows } from "./store-rows.service.ts";

const source = "file:history.csv";
const header = "pool,project,chain,symbol,timestamp,tvlUsd,apy";
const dayMs = 24 * 60 * 60_000;

/** Daily rows from 2025-01-01 on; what is undefined has no row. */
function rows(pool: string, apys: readonly (number | undefined)[]): string[] {
  return apys.flatMap((apy, day) => {
    const moment = new Date(Date.UTC(2025, 0, 1 + day, 23)).toISOString();
    return apy === undefined ? [] : [`${pool},fixture-swap,Starknet,A-B,${moment},1000000,${apy}`];
  });
}

/** Imports a file, and tells what was written, and by which import. */
async function importRows(
  { deps }: Pick<TestApi, "deps">,
  lines: readonly string[],
): Promise<{ id: string; written: ImportedRows | undefined }> {
  const { written } = await importDataset(deps, await loadCsv([header, ...lines].join("\n"), deps));
  return { id: (await findImport(deps, source))?.id ?? "", written };
}

async function listRevisions({ deps: { db } }: TestApi) {
  return db
    .selectFrom("market_history_revisions")
    .select(["market_id", "observed_at", "apy", "import_id", "replaced_by"])
    .orderBy("market_id")
    .orderBy("observed_at")
    .execute();
}

const day = (number: number) => new Date(Date.UTC(2025, 0, number, 23));

/** The versions of rows, by which the engine tells which transaction wrote them. */
async function countByTransaction({ deps: { db } }: TestApi, table: string): Promise<number[]> {
  const { rows: groups } = await sql<{ n: number }>`
    select cast(count(*) as integer) as n from ${sql.table(table)} group by xmin order by n desc`.execute(db);
  return groups.map(({ n }) => n);
}

it("writes the new rows of a file that has grown, and none of the others again", async () => {
  await using api = await createTestApi();
  const grown = async (days: number) =>
    loadCsv(fixtureCsv({ shape: "dex", markets: 40, days, seed: 1 }), {
      clock: () => new Date("2026-06-01"),
    });
  await importDataset(api.deps, await grown(100));
  const { db, statements } = recordStatements(api.deps.db);
  expect((await importDataset({ ...api.deps, db }, await grown(101))).written).toEqual({
    added: 40,
    revised: 0,
    provisional: 0,
  });
  expect(await countByTransaction(api, "market_history")).toEqual([4000, 40]);
  // The first six days have none.
  expect(await countByTransaction(api, "risk_history")).toEqual([40 * 94, 40]);
  expect(await countByTransaction(api, "markets")).toEqual([40]);
  expect(statements.length).toBeLessThanOrEqual(39);
});

it("keeps what a file said before of days that were over, and tells which import brought and which replaced it", async () => {
  await using api = await createTestApi();
  const first = await importRows(api, rows("pool", [1, 2, 3, 4]));
  const second = await importRows(api, rows("pool", [1, 2.5, undefined, 4, 5]));
  expect(second.written).toEqual({ added: 1, revised: 2, provisional: 0 });
  const replaced = { market_id: "pool", import_id: first.id, replaced_by: second.id };
  expect(await listRevisions(api)).toEqual([
    { ...replaced, observed_at: day(2), apy: 2 },
    { ...replaced, observed_at: day(3), apy: 3 },
  ]);
  await expect(api.deps.db.updateTable("market_history_revisions").set({ apy: 9 }).execute()).rejects.toThrow(
    "append-only",
  );
});

it("tells the history as each import knew it, whatever came later", async () => {
  await using api = await createTestApi();
  const files = [
    [...rows("kept", [1, 2, 3]), ...rows("left", [7, 8, 9])],
    [...rows("kept", [1, 2.5, 3, 4]), ...rows("new", [5, 6])],
    [...rows("kept", [1, 2, undefined, 4]), ...rows("left", [7, 8, 9.5])],
    [...rows("kept", [1, 2, 3, 4, 5]), ...rows("new", [5, 6])],
  ];
  const known: { id: string; panel: MarketSeries[] }[] = [];
  for (const lines of files) {
    const { id } = await importRows(api, lines);
    known.push({ id, panel: toPanel(await loadCsv([header, ...lines].join("\n"), api.deps)) });
    expect(await loadPanel(api.deps, source)).toEqual(known.at(-1)?.panel);
  }
  for (const { id, panel } of known) expect(await loadPanelOf(api.deps, id)).toEqual(panel);
});

it("stores what an import into an empty database would have stored, however it came to it", async () => {
  const figures = async (api: TestApi) => ({
    observations: await api.deps.db
      .selectFrom("market_history")
      .select(["market_id", "observed_at", "apy", "tvl_usd", "quality"])
      .orderBy("market_id")
      .orderBy("observed_at")
      .execute(),
    risk: await api.deps.db
      .selectFrom("risk_history")
      .selectAll()
      .orderBy("market_id")
      .orderBy("as_of")
      .execute(),
  });
  const long = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  const last = [...rows("pool", long), ...rows("other", [2, 3, 4, 5, 6, 7, 8, 9])];
  await using changed = await createTestApi();
  await importRows(changed, rows("pool", long.slice(2, 9)));
  await importRows(changed, [...rows("pool", long.with(4, 2_000_000)), ...rows("gone", long)]);
  await importRows(changed, [
    ...rows("pool", long.with(5, 50)),
    ...rows("other", [undefined, undefined, ...long]),
  ]);
  await importRows(changed, last);
  await using fresh = await createTestApi();
  await importRows(fresh, last);
  expect(await figures(changed)).toEqual(await figures(fresh));
});

it("makes all risk figures of a protocol's markets anew when something else that they rest on has changed", async () => {
  await using api = await createTestApi();
  await importRows(api, rows("pool", [1, 2, 3, 4, 5, 6, 7, 8]));
  await api.deps.db.updateTable("risk_history").set({ audit_score: 77 }).execute();
  await importRows(api, rows("pool", [1, 2, 3, 4, 5, 6, 7, 8, 9]));
  const scores = await api.deps.db.selectFrom("risk_history").select("audit_score").execute();
  expect(scores).toEqual([{ audit_score: 0 }, { audit_score: 0 }, { audit_score: 0 }]);
});

it("replaces what was observed on a day that was still going on, and keeps nothing of it", async () => {
  await using api = await createTestApi();
  const today = (apy: number, hour: number) =>
    `pool,fixture-swap,Starknet,A-B,2026-01-15T${String(hour).padStart(2, "0")}:00:00Z,1000000,${apy}`;
  await importRows(api, [...rows("pool", [1]), today(2, 0), today(3, 10)]);
  const { written } = await importRows(api, [...rows("pool", [1]), today(2.5, 0), today(4, 11)]);
  expect(written).toEqual({ added: 1, revised: 0, provisional: 2 });
  expect(await listRevisions(api)).toEqual([]);
  api.clock.advance(dayMs);
  const next = await importRows(api, [...rows("pool", [1]), today(2.5, 0), today(5, 11)]);
  expect(next.written).toEqual({ added: 0, revised: 0, provisional: 1 });
  const later = await importRows(api, [...rows("pool", [1]), today(2.5, 0), today(6, 11)]);
  expect(later.written).toEqual({ added: 0, revised: 1, provisional: 0 });
});

it("computes nothing from a day that is still going on, and all that follows from it once it is over, though its row is the same", async () => {
  await using api = await createTestApi({ marketSource: source });
  const lines = Array.from(
    { length: 10 },
    (_, index) =>
      `pool,fixture-swap,Starknet,A-B,2026-01-${String(6 + index).padStart(2, "0")}T09:00:00Z,1000000,${index}`,
  );
  const newestDays = async () => {
    const ada = await api.signUp();
    const [series] = await loadPanel(api.deps, source);
    const { items } = await ada.analytics.risk_history({ protocol: "fixture-swap" });
    const { protocols, data_source } = await ada.analytics.dashboard();
    const shown = protocols.find(({ protocol }) => protocol === "fixture-swap");
    return [
      new Date((series?.days.at(-1) ?? 0) * dayMs).toISOString(),
      items[0]?.as_of,
      shown?.as_of,
      data_source.as_of,
    ];
  };
  const finished = (date: string) => Array.from({ length: 3 }, () => `${date}T00:00:00.000Z`);
  await importRows(api, lines);
  expect(await newestDays()).toEqual([...finished("2026-01-14"), "2026-01-15T09:00:00.000Z"]);
  // The same content, on the day after.
  api.clock.advance(dayMs);
  expect((await importRows(api, lines)).written).toEqual({ added: 0, revised: 0, provisional: 0 });
  expect(await newestDays()).toEqual([...finished("2026-01-15"), "2026-01-15T09:00:00.000Z"]);
  api.clock.advance(dayMs);
  expect((await importRows(api, lines)).written).toBeUndefined();
});
