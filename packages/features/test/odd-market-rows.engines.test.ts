import { fixtureCsv } from "@obsqra/market/testing";
import { panelSha256 } from "@obsqra/ml";
import { beforeAll, describe, expect, it } from "vitest";
import { loadPanel } from "../src/market/market.service.ts";
import { toPanel } from "../src/market/market-series.ts";
import { createTestApi, forecastHere, importCsv, loadCsv, trainOnce } from "../src/testing/index.ts";

const source = "file:history.csv";
const days = 120;
// The last day is the one before the test clock's.
const csv = fixtureCsv({ shape: "dex", markets: 5, protocols: 3, days, seed: 5, from: "2025-09-17" });
const lines = csv.trimEnd().split("\n");
const newest = "2026-01-14T23:00:00.000Z";
const row = (time: string, symbol = "ETH-T2") =>
  `fixture-dex-2,fixture-swap-2,Starknet,${symbol},${time},20000000,9,7,2`;
/** The last row of the second market. */
const last = days * 2;

/** Rows that no market can have. */
const impossibleRows = [
  row("1900-01-01 00:00:00"),
  row("0000-01-01"),
  row("9999-12-31T23:59:59-05:00"),
  row("2026-02-14T23:00:00.000Z"),
  row("2016-01-01"),
  row(newest, "ETH\0\0\0"),
  row(newest).replace("fixture-dex-2", "a\0"),
  row(newest).replace("fixture-dex-2", "x".repeat(3_000)),
];

function withTvl(line: number, change: (tvl: string) => string): string {
  const cells = lines[line]?.split(",") ?? [];
  return cells.with(5, change(cells[5] ?? "")).join(",");
}

async function forecastsOf(content: readonly string[]) {
  await using api = await createTestApi();
  const { report } = await importCsv(api, `${content.join("\n")}\n`);
  const panel = await loadPanel(api.deps, source);
  const { risk, yield: yields } = await trainOnce(panel);
  const forecasts = await Promise.all([risk, yields].map((model) => forecastHere(model, panel)));
  const { observed_until } = await api.deps.db
    .selectFrom("market_imports")
    .select("observed_until")
    .executeTakeFirstOrThrow();
  return { report, panel, markets: forecasts.flatMap(({ markets }) => markets), observed_until };
}

describe("a file with odd rows, on the first start", () => {
  let sound: Awaited<ReturnType<typeof forecastsOf>>;
  beforeAll(async () => {
    sound = await forecastsOf(lines);
  });

  it("loads as if rows that no market can have were not there, and names them", async () => {
    const odd = await forecastsOf([...lines, ...impossibleRows]);
    expect(odd.report.rejected.map(({ line }) => line)).toEqual(
      impossibleRows.map((_, index) => lines.length + 1 + index),
    );
    expect(panelSha256(odd.panel)).toBe(panelSha256(sound.panel));
    expect(odd.markets).toEqual(sound.markets);
    expect(odd.observed_until).toEqual(sound.observed_until);
  });

  it.each<[string, (tvl: string) => string]>([
    ["without its decimals", (tvl) => `${tvl}${"0".repeat(18)}`],
    ["without six decimals", (tvl) => `${tvl}000000`],
    ["a thousand times too large", (tvl) => `${tvl}000`],
    ["below zero", (tvl) => `-${tvl}`],
  ])(
    "forecasts the other markets to the last bit as without a TVL %s, and names the row",
    async (_, change) => {
      const odd = await forecastsOf(lines.with(last, withTvl(last, change)));
      expect(odd.report.impossible).toMatchObject([{ line: last + 1 }]);
      const figures = ({ markets }: typeof odd) =>
        markets
          .filter(({ market_id }) => market_id !== "fixture-dex-2")
          // A model is called by the data that it was trained on.
          .map(({ model_version: _version, ...figure }) => figure);
      expect(figures(odd)).toEqual(figures(sound));
      expect(odd.markets.every(({ details }) => (details.tvl_usd ?? 0) < 1e8)).toBe(true);
    },
  );
});

it.each([6, 8, 18])(
  "is to the models as if it were right, when the TVL of a day came without its %i decimals, and names the row",
  async (decimals) => {
    const odd = lines.with(
      last,
      withTvl(last, (tvl) => `${tvl}${"0".repeat(decimals)}`),
    );
    const panel = await panelOf(odd);
    expect(panelSha256(panel)).toBe(panelSha256(await panelOf(lines)));
    await using api = await createTestApi();
    const { report } = await importCsv(api, `${odd.join("\n")}\n`);
    expect(report.impossible).toMatchObject([
      { line: last + 1, reason: expect.stringContaining(`with ${decimals} decimals it is`) },
    ]);
    // What is stored is what the file says.
    expect(panelSha256(await loadPanel(api.deps, source))).toBe(panelSha256(panel));
    const [stored] = await api.deps.db
      .selectFrom("market_history")
      .select(["tvl_usd", "quality"])
      .where("market_id", "=", "fixture-dex-2")
      .orderBy("observed_at", "desc")
      .execute();
    expect(stored).toEqual({
      tvl_usd: Number(odd[last]?.split(",")[5]),
      quality: [`tvl_without_${decimals}_decimals`],
    });
  },
);

/** What the models read of a file. */
async function panelOf(content: readonly string[]) {
  return toPanel(await loadCsv(`${content.join("\n")}\n`, { clock: () => new Date("2026-01-15T12:00:00Z") }));
}

describe("a value that is not believed, on any day", () => {
  const anyDay = last - 40;
  const doubted = lines.with(
    anyDay,
    withTvl(anyDay, (tvl) => `${tvl}000`),
  );

  it("is to the models as if its cell were empty, and moves no forecast of another market by models that are there already", async () => {
    const [sound, odd, empty] = await Promise.all(
      [
        lines,
        doubted,
        lines.with(
          anyDay,
          withTvl(anyDay, () => ""),
        ),
      ].map(panelOf),
    );
    expect(panelSha256(odd ?? [])).toBe(panelSha256(empty ?? []));
    expect(panelSha256(odd ?? [])).not.toBe(panelSha256(sound ?? []));
    const { risk, yield: yields } = await trainOnce(sound ?? []);
    for (const model of [risk, yields]) {
      const [before, after] = await Promise.all(
        [sound, odd].map((panel) => forecastHere(model, panel ?? [])),
      );
      const others = (forecasts: typeof before) =>
        forecasts?.markets.filter(({ market_id }) => market_id !== "fixture-dex-2");
      expect(others(after)).toEqual(others(before));
      expect(others(after)).toHaveLength(4);
    }
  });
});

it("loads a file again that an earlier version has read by other rules, and forgets what cannot be", async () => {
  await using api = await createTestApi();
  const { deps } = api;
  await importCsv(api, csv);
  const count = async () => (await deps.db.selectFrom("market_history").select("market_id").execute()).length;
  const before = await count();
  await deps.db.updateTable("market_imports").set({ report: '{"rows_read":1}' }).execute();
  await deps.db
    .insertInto("market_history")
    .values({
      market_id: "fixture-dex-1",
      source,
      observed_at: new Date("2026-02-14"),
      quality: [],
      fetched_at: deps.clock(),
    })
    .execute();
  await importCsv(api, csv);
  expect(await count()).toBe(before);
});
