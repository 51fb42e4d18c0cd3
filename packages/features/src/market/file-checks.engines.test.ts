import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileSource, type MarketSource } from "@obsqra/market";
import { expect, it } from "vitest";
import { getFreshness } from "../predictions/forecasts/freshness.service.ts";
import { createTestApi, type TestApi } from "../testing/index.ts";
import { acceptNextLoad } from "./accept-feed.service.ts";
import { refreshMarketHistory } from "./refresh.service.ts";

const { signal } = new AbortController();
const header = "pool,project,chain,symbol,timestamp,tvlUsd,apy";
const pools = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
const days = 14;

interface Row {
  readonly pool: string;
  /** From 0. */
  readonly day: number;
  readonly tvl: string;
  readonly apy: string;
}

/** Eight markets in January 2025, which is long over. */
function wholeFile(until = days): Row[] {
  return pools.flatMap((pool) =>
    Array.from({ length: until }, (_, day) => ({ pool, day, tvl: "1000000", apy: "4" })),
  );
}

function toCsv(rows: readonly Row[]): string {
  const lines = rows.map(({ pool, day, tvl, apy }) => {
    const moment = new Date(Date.UTC(2025, 0, 1 + day, 23)).toISOString();
    return `${pool},fixture-swap,Starknet,A-B,${moment},${tvl},${apy}`;
  });
  return [header, ...lines].join("\n");
}

const newest = (change: Partial<Row>) => (row: Row) => (row.day === days - 1 ? { ...row, ...change } : row);

/** A market file on the disk, and how often it was read whole. */
async function createMarketFile(api: TestApi, name = "history.csv") {
  const folder = await mkdtempDisposable(join(tmpdir(), "obsqra-file-checks-"));
  const path = join(folder.path, name);
  // Nobody else writes it, so that there is nothing to wait for.
  const file = createFileSource({ path, clock: api.deps.clock, sleep: async () => {} });
  let loads = 0;
  const source: MarketSource = {
    ...file,
    load: (options) => {
      loads += 1;
      return file.load(options);
    },
  };
  return {
    loads: () => loads,
    refresh: async (rows?: readonly Row[]) => {
      if (rows !== undefined) await writeFile(path, toCsv(rows));
      return refreshMarketHistory({ ...api.deps, source }, { signal });
    },
    readiness: () => getFreshness({ ...api.deps, marketSource: source.name }, { horizonDays: 7 }),
    accept: () => acceptNextLoad(api.deps, source.name),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const listStored = ({ deps: { db } }: TestApi) =>
  db.selectFrom("market_history").selectAll().orderBy("market_id").orderBy("observed_at").execute();

it.each<[what: string, reason: RegExp, rows: Row[]]>([
  [
    "has lost most of its markets",
    /It has 3 of the 8 markets that it had\./,
    wholeFile().filter(({ pool }) => pools.indexOf(pool) < 3),
  ],
  [
    "is another one altogether",
    /It has 0 of the 8 markets that it had\./,
    wholeFile().map((row) => ({ ...row, pool: `new-${row.pool}` })),
  ],
  [
    "ends before the day that it had reached",
    /It ends on 2025-01-09, and had reached 2025-01-14\./,
    wholeFile(9),
  ],
  ["says that all TVLs are zero", /It says that tvl_usd is zero/, wholeFile().map(newest({ tvl: "0" }))],
  ["says that all APYs are zero", /It says that apy is zero/, wholeFile().map(newest({ apy: "0" }))],
  [
    "has TVLs of most that cannot be believed",
    /The tvl_usd of 5 of 8 markets cannot be believed, such as -1 after 1000000\./,
    wholeFile().map((row) => (pools.indexOf(row.pool) < 5 ? newest({ tvl: "-1" })(row) : row)),
  ],
  [
    "has APYs of most that cannot be believed",
    /The apy of 5 of 8 markets cannot be believed/,
    wholeFile().map((row) => (pools.indexOf(row.pool) < 5 ? newest({ apy: "-101" })(row) : row)),
  ],
  ["has lost most of its past", /It has 48 rows, and had 112\./, wholeFile().filter(({ day }) => day >= 8)],
  [
    "cannot be read for the most part, though it could be",
    /80 of its 112 rows cannot be read/,
    wholeFile().map((row) => (row.day >= 4 ? { ...row, apy: "four" } : row)),
  ],
])(
  "does not take a file that %s, says so once, and takes it when an operator does",
  async (_what, reason, rows) => {
    await using api = await createTestApi();
    await using file = await createMarketFile(api);
    expect(await file.refresh(wholeFile())).toMatchObject({ outcome: "imported" });
    const before = await listStored(api);

    expect(await file.refresh(rows)).toMatchObject({
      outcome: "failed",
      reason: expect.stringMatching(reason),
    });
    expect(await listStored(api)).toEqual(before);
    expect(await file.readiness()).toMatchObject({
      market_feed: "failed",
      feed_failure: { code: "IMPLAUSIBLE" },
    });
    const warnings = () =>
      api.logged.filter(({ message }) => message === "Market history could not be refreshed.");
    expect(warnings()).toHaveLength(1);
    // The next minute does not read it again, and the run still says why.
    expect(await file.refresh()).toMatchObject({ outcome: "failed", reason: expect.stringMatching(reason) });
    expect([file.loads(), warnings().length]).toEqual([2, 1]);

    await file.accept();
    expect(await file.refresh()).toMatchObject({ outcome: "imported" });
    expect(await file.readiness()).toMatchObject({ market_feed: "up", feed_failure: undefined });
    // What was accepted is what is stored now, and an acceptance counts once.
    expect(await file.refresh(wholeFile(2))).toMatchObject({ outcome: "failed" });
  },
);

it("goes on with the file that it had once that is back, and forgets an acceptance that nothing needed", async () => {
  await using api = await createTestApi();
  await using file = await createMarketFile(api);
  await file.refresh(wholeFile());
  await file.refresh(wholeFile(5));
  expect(await file.refresh(wholeFile())).toMatchObject({ outcome: "unchanged" });
  expect(await file.readiness()).toMatchObject({ market_feed: "up", feed_failure: undefined });
  await file.accept();
  expect(await file.refresh()).toMatchObject({ outcome: "unchanged" });
  expect(await file.refresh(wholeFile(5))).toMatchObject({ outcome: "failed" });
});

it("takes a file of which most rows were never read, and any file under another name", async () => {
  await using api = await createTestApi();
  await using file = await createMarketFile(api);
  const odd = (until: number) =>
    wholeFile(until).map((row) => (row.day % 3 === 0 ? row : { ...row, apy: "four" }));
  expect(await file.refresh(odd(12))).toMatchObject({ outcome: "imported" });
  expect(await file.refresh(odd(days))).toMatchObject({ outcome: "imported" });
  await using other = await createMarketFile(api, "other.csv");
  expect(await other.refresh(wholeFile(5))).toMatchObject({ outcome: "imported" });
});

it("takes a file of which half of the TVLs cannot be believed, and names their markets", async () => {
  await using api = await createTestApi();
  await using file = await createMarketFile(api);
  await file.refresh(wholeFile());
  const half = wholeFile().map((row) => (pools.indexOf(row.pool) < 4 ? newest({ tvl: "-1" })(row) : row));
  expect(await file.refresh(half)).toMatchObject({ outcome: "imported" });
  const named = api.logged.filter(({ message }) => message.startsWith("Values of markets are not believed"));
  expect(named.map(({ facts }) => facts)).toMatchObject([{ values: Array(4).fill({ value: -1 }) }]);
});

it("takes a file of fewer than three markets as it comes", async () => {
  await using api = await createTestApi();
  await using file = await createMarketFile(api);
  const two = (until: number) => wholeFile(until).filter(({ pool }) => pool === "one" || pool === "two");
  await file.refresh(two(days));
  expect(await file.refresh(two(5))).toMatchObject({ outcome: "imported" });
});
