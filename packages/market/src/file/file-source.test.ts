import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { marketsMax } from "../dataset-builder.ts";
import type { LoadProgress } from "../market-source.ts";
import { loadContent, testNow } from "../testing/file-fixtures.ts";
import { fixtureCsv, writeFixtureCsv } from "../testing/fixture-csv.ts";
import { assertReadableFile } from "./file-bytes.ts";
import { createFileSource } from "./file-source.ts";

const header = "pool,project,chain,symbol,timestamp,tvlUsd,apy,apyBase,apyReward";

describe("the DEX shape", () => {
  it("gives pools, ascending observations, origin and hash", async () => {
    const csv = `${header}
b,Uniswap V3,Base,ETH-USDC,2025-01-02T23:00:00Z,2000,12,10,2
a,nostra-pools,Starknet,STRK-ETH,2025-01-01T23:00:00Z,1000,5.5,,
b,Uniswap V3,Base,ETH-USDC,2025-01-01T23:00:00Z,1900,11,11,
`;
    const dataset = await loadContent(csv);
    expect(dataset).toMatchObject({ source: "file:history.csv", simulated: false, fetched_at: testNow });
    expect(dataset.content_sha256).toBe(createHash("sha256").update(csv).digest("hex"));
    expect(dataset.markets.map(({ market }) => market)).toEqual([
      { id: "a", protocol: "nostra", chain: "Starknet", symbol: "STRK-ETH", kind: "dex" },
      { id: "b", protocol: "uniswap-v3", chain: "Base", symbol: "ETH-USDC", kind: "dex" },
    ]);
    expect(dataset.markets[1]?.observations.map(({ apy }) => apy)).toEqual([11, 12]);
    expect(dataset.markets[0]?.observations).toEqual([
      {
        observed_at: new Date("2025-01-01T23:00:00Z"),
        tvl_usd: 1000,
        apy: 5.5,
        apy_base: null,
        apy_reward: null,
        apy_base_borrow: null,
        utilization: null,
        frozen: null,
        paused: null,
        quality: [],
      },
    ]);
  });

  it("adds base and reward when the total is missing, and knows lenders by name", async () => {
    const dataset = await loadContent(
      "pool,project,symbol,timestamp,apyBase,apyReward\na,vesu,USDC,2025-01-01,4,1.5\na,vesu,USDC,2025-01-02,4,\na,vesu,USDC,2025-01-03,,2\n",
    );
    expect(dataset.markets[0]?.market).toMatchObject({ kind: "lending", chain: "unknown" });
    expect(dataset.markets[0]?.observations.map(({ apy }) => apy)).toEqual([5.5, 4, null]);
  });
});

describe("the lending shape", () => {
  it("reads borrow rate, utilization, frozen and paused", async () => {
    const dataset = await loadContent(
      "pool,project,chain,symbol,timestamp,apyBase,apyBaseBorrow,utilizationImplied,supplyCap,borrowCap,frozen,paused\n" +
        "r,some-lender,base,DAI,2025-07-22T21:38:59.000Z,2.5,4.4,0.7,0.0,1.0,True,False\n",
    );
    expect(dataset.markets[0]?.market.kind).toBe("lending");
    expect(dataset.markets[0]?.observations[0]).toMatchObject({
      apy: 2.5,
      apy_base: 2.5,
      apy_base_borrow: 4.4,
      utilization: 0.7,
      tvl_usd: null,
      frozen: true,
      paused: false,
    });
  });
});

describe("tolerance", () => {
  const plain = fixtureCsv({ shape: "dex", markets: 2, days: 3, seed: 1 });

  it("reads the same from CRLF, a byte-order mark, blank lines and gzip", async () => {
    const { markets } = await loadContent(plain);
    expect((await loadContent(`\uFEFF${plain.replaceAll("\n", "\r\n")}`)).markets).toEqual(markets);
    expect((await loadContent(plain.replaceAll("\n", "\n\n"))).markets).toEqual(markets);
    expect((await loadContent(gzipSync(plain), { name: "history.csv.gz" })).markets).toEqual(markets);
    expect((await loadContent(plain.trimEnd())).markets).toEqual(markets);
  });

  it("reads the same from what query tools, databases and spreadsheets write", async () => {
    const { markets } = await loadContent(plain);
    const asRows = (change: (cells: string[]) => string) =>
      plain
        .trimEnd()
        .split("\n")
        .map((line) => change(line.split(",")))
        .join("\n");
    const timestamp = (write: (iso: string) => string) =>
      plain.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, write);
    const decimalComma = asRows((cells) =>
      cells.map((cell, column) => (column < 5 ? cell : cell.replace(".", ","))).join(";"),
    );
    const files: Record<string, string | Uint8Array> = {
      Dune: timestamp((iso) => iso.replace("T", " ").replace("Z", " UTC")),
      "psql \\copy csv": timestamp((iso) => iso.replace("T", " ").replace(".000Z", "+00")),
      "psql \\copy text": plain.replaceAll(",", "\t").replaceAll(/\t(?=\n)/g, "\t\\N"),
      "a table of psql": asRows((cells) => cells.join(" | ")),
      "an old Macintosh": plain.replaceAll("\n", "\r"),
      "Excel, Unicode text": Buffer.from(
        `\uFEFF${plain.replaceAll(",", "\t").replaceAll("\n", "\r\n")}`,
        "utf16le",
      ),
      "Excel with decimal commas": `\uFEFF${decimalComma.replaceAll("\n", "\r\n")}`,
      "Excel with its separator": `sep=;\n${plain.replaceAll(",", ";")}`,
      "everything quoted": asRows((cells) => cells.map((cell) => `"${cell}"`).join(",")),
    };
    for (const [name, content] of Object.entries(files)) {
      expect((await loadContent(content)).markets, name).toEqual(markets);
    }
  });

  it("refuses a number that could be two, and takes the file's other numbers for what they are", async () => {
    const row = (apy: string, day: number) => `p;x;c;S;2025-01-0${day};1000;${apy}`;
    const start = "pool;project;chain;symbol;timestamp;tvlUsd;apy";
    const unclear = await loadContent([start, row("1,234", 1), row("5", 2)].join("\n"));
    expect(unclear.report.rejected).toEqual([
      {
        line: 2,
        reason: 'apy can be read in two ways: "1,234"; write a decimal point, and nothing between thousands',
      },
    ]);
    const clear = await loadContent([start, row("1,234", 1), row("5,5", 2)].join("\n"));
    expect(clear.markets[0]?.observations.map(({ apy }) => apy)).toEqual([1.234, 5.5]);
  });

  it.each([
    ["PK\u0003\u0004\u0014\u0000", "It looks like a workbook or a zip: save it as CSV (UTF-8)."],
    ['{"data":[]}', "It looks like JSON: export it as CSV."],
    ["<html>", "It looks like a web page: the download may have failed."],
    [
      Buffer.from("pool,project\n", "utf16le"),
      "It looks like UTF-16 without a byte-order mark: save it as UTF-8.",
    ],
    ["p,x,c,S,2025-01-01,1,2", "It looks like a row: put a header above it."],
    [gzipSync(gzipSync("pool,project\n")), "It looks compressed twice: unpack it once."],
    [Buffer.from("fd377a585a000004", "hex"), "It looks compressed, and not by gzip: unpack it."],
    [Buffer.from("28b52ffd240d6900", "hex"), "It looks compressed, and not by gzip: unpack it."],
    [Buffer.from("BZh91AY&SY"), "It looks compressed, and not by gzip: unpack it."],
  ])("says what to do about a file that begins with %j", async (content, advice) => {
    await expect(loadContent(content)).rejects.toThrow(advice);
  });

  it("finds columns by name, in any order and case, and ignores unknown ones", async () => {
    const dataset = await loadContent(
      'extra,APY,Timestamp,"symbol",pool,project\nx,7,2025-01-01,"A, B",p,q\n',
    );
    expect(dataset.markets[0]).toMatchObject({
      market: { id: "p", symbol: "A, B" },
      observations: [{ apy: 7 }],
    });
  });

  it("says which columns it found, by their usual names", async () => {
    const { columns } = await loadContent(
      "pool,project,symbol,timestamp,APY_BASE,mood\np,q,s,2025-01-01,7,good\n",
    );
    expect(columns.toSorted()).toEqual(["apyBase", "pool", "project", "symbol", "timestamp"]);
  });

  it("describes a renamed market by its latest name", async () => {
    const rows = [
      "p,x,c,OLD,2025-01-01,1,1,1,",
      "p,x,c,NEW,2025-01-03,1,1,1,",
      "p,x,c,MID,2025-01-02,1,1,1,",
    ];
    const dataset = await loadContent([header, ...rows].join("\n"));
    expect(dataset.markets[0]?.market.symbol).toBe("NEW");
  });
});

describe("broken rows", () => {
  it("are rejected with line and reason while the good ones are loaded", async () => {
    const csv = [
      header,
      "p,x,c,S,2025-01-01T00:00:00Z,1,2,2,",
      "p,x,c,S,2025-01-02T00:00:00Z,1,2",
      "p,x,c,S,2025-01-03T00:00:00Z,1,abc,2,",
      "p,x,c,S,some day,1,2,2,",
      ",x,c,S,2025-01-04T00:00:00Z,1,2,2,",
      "p,!!,c,S,2025-01-04T00:00:00Z,1,2,2,",
      'p,x,c,"S,2025-01-05T00:00:00Z,1,2,2,',
      "p,x,c,S,2025-01-06T00:00:00Z,1,2,2,",
    ].join("\n");
    const { markets, report } = await loadContent(csv);
    expect(markets[0]?.observations).toHaveLength(2);
    expect(report).toMatchObject({ rows_read: 8, rows_loaded: 2, rows_rejected: 6, duplicates: 0 });
    expect(report.rejected).toEqual([
      { line: 3, reason: "has 7 columns where the header has 9" },
      { line: 4, reason: 'apy is not a number: "abc"' },
      { line: 5, reason: 'timestamp is not ISO 8601: "some day"' },
      { line: 6, reason: "pool is missing" },
      { line: 7, reason: "project has no letter or digit to make a name of" },
      { line: 8, reason: "the quotes in this line do not match" },
    ]);
  });

  it("are all counted, and the first 20 spelled out", async () => {
    const { report } = await loadContent(`${header}\n${"broken\n".repeat(50)}${"x".repeat(100_000)}\n`);
    expect(report).toMatchObject({ rows_read: 51, rows_loaded: 0, rows_rejected: 51 });
    expect(report.rejected).toHaveLength(20);
  });

  it("with impossible values are stored and flagged, not rejected", async () => {
    const { markets, report } = await loadContent(
      `${header}\np,x,c,S,2025-01-01,-5,2,2,\np,x,c,S,2025-01-02,inf,2,2,\n`,
    );
    expect(markets[0]?.observations.map(({ tvl_usd }) => tvl_usd)).toEqual([-5, Number.POSITIVE_INFINITY]);
    expect(report.flags).toMatchObject({ impossible: 0, impossible_tvl: 2 });
    expect(report.impossible).toEqual([
      { line: 2, reason: "p at 2025-01-01T00:00:00.000Z: tvl_usd is -5, outside 0 to 1000000000000" },
      { line: 3, reason: "p at 2025-01-02T00:00:00.000Z: tvl_usd is Infinity, outside 0 to 1000000000000" },
    ]);
  });
});

describe("rows that cannot be stored, or cannot be true", () => {
  const row = (given: { pool?: string; chain?: string; symbol?: string; time?: string }) => {
    const { pool = "p", chain = "c", symbol = "S", time = "2025-01-01" } = given;
    return `${pool},x,${chain},${symbol},${time},1,2,2,`;
  };

  it.each([
    [row({ symbol: "MKR\u0000\u0000" }), 'symbol holds a control character: "MKR\\u0000\\u0000"'],
    [row({ pool: "a\u001b[2J" }), "pool holds a control character"],
    [row({ symbol: "ETH\u202eCDSU" }), "symbol holds a mark that turns the direction of text"],
    [row({ pool: "x".repeat(201) }), "pool is longer than 200 characters"],
    [row({ symbol: "x".repeat(60_000) }), "symbol is longer than 200 characters"],
    [row({ chain: "x".repeat(101) }), "chain is longer than 100 characters"],
    [row({ symbol: "\uFFFD" }), "symbol holds bytes that are not UTF-8"],
    [row({ time: "1900-01-01 00:00:00" }), "timestamp is before 2015-01-01"],
    [row({ time: "0000-01-01" }), "timestamp is before 2015-01-01"],
    [row({ time: "9999-12-31T23:59:59-05:00" }), "timestamp is in the future"],
    [row({ time: "2026-06-01T12:00:00.001Z" }), "timestamp is in the future"],
    [row({ chain: "Starknet", time: "2020-01-01" }), "timestamp is before 2021-11-01"],
  ])("%j: %s", async (line, reason) => {
    const { markets, report } = await loadContent([header, row({}), line].join("\n"));
    expect(markets).toHaveLength(1);
    expect(report).toMatchObject({ rows_loaded: 1, rows_rejected: 1 });
    expect(report.rejected).toEqual([{ line: 3, reason: expect.stringContaining(reason) }]);
  });

  it("are not there twice when two names differ in bytes that are not UTF-8", async () => {
    const bytes = Buffer.from(
      `${header}\n${row({ pool: "a\u00e9" })}\n${row({ pool: "a\u00e8" })}\n`,
      "latin1",
    );
    const { markets, report } = await loadContent(bytes);
    expect(markets).toEqual([]);
    expect(report.rows_rejected).toBe(2);
  });

  it("take the moment of the load itself", async () => {
    const { report } = await loadContent([header, row({ time: testNow.toISOString() })].join("\n"));
    expect(report.rows_loaded).toBe(1);
  });
});

it("keeps the first of two rows for the same pool and moment, and counts the other", async () => {
  const { markets, report } = await loadContent(
    `${header}\np,x,c,S,2025-01-01T00:00:00Z,1,2,2,\np,x,c,S,2025-01-01T01:00:00+01:00,1,3,3,\n`,
  );
  expect(markets[0]?.observations.map(({ apy }) => apy)).toEqual([2]);
  expect(report).toMatchObject({ rows_read: 2, rows_loaded: 1, duplicates: 1, duplicates_differing: 1 });
  expect(report.differing).toEqual([
    { line: 3, reason: "the market and moment of line 2, which counts: apy is 3, and 2 there" },
  ]);
});

it("names only those duplicates that differ, in the order of lines", async () => {
  const lines = ["q,x,c,S,2025-01-02,1,2,2,", "p,x,c,S,2025-01-01,1,2,2,"];
  const { report } = await loadContent(
    `${[header, ...lines, ...lines, "p,x,c,S,2025-01-01,,2,2,", "q,x,c,S,2025-01-02,1,2,,"].join("\n")}\n`,
  );
  expect(report).toMatchObject({ rows_read: 6, rows_loaded: 2, duplicates: 4, duplicates_differing: 2 });
  expect(report.differing).toEqual([
    { line: 6, reason: "the market and moment of line 3, which counts: tvl_usd is null, and 1 there" },
    { line: 7, reason: "the market and moment of line 2, which counts: apy_base is null, and 2 there" },
  ]);
});

describe("files that cannot be used", () => {
  it.each([
    ["an empty file", "", "history.csv", "FILE_EMPTY"],
    ["only line breaks", "\n\n", "history.csv", "FILE_EMPTY"],
    ["a header without rows", `${header}\n`, "history.csv", "FILE_EMPTY"],
    ["compressed nothing", gzipSync(""), "history.csv.gz", "FILE_EMPTY"],
    ["text named .gz", header, "history.csv.gz", "FILE_NOT_GZIP"],
    ["cut-off gzip", gzipSync(`${header}\n`).subarray(0, 30), "history.csv.gz", "FILE_NOT_GZIP"],
    ["a web page", "<html>\n<body>\n", "history.csv", "HEADER_MISMATCH"],
    ["rows without a header", "p,x,c,S,2025-01-01,1,2,2,\n", "history.csv", "HEADER_MISMATCH"],
    ["a column twice", "pool,project,symbol,timestamp,apy,apy\n", "history.csv", "HEADER_MISMATCH"],
    ["a header with an open quote", '"pool,project\n', "history.csv", "HEADER_MISMATCH"],
    ["binary data", new Uint8Array(200_000), "history.csv", "HEADER_MISMATCH"],
  ])("refuses %s", async (_, content, name, code) => {
    await expect(loadContent(content, { name })).rejects.toMatchObject({ name: "MarketSourceError", code });
  });

  it("says which columns are missing, and which there are", async () => {
    const load = loadContent("pool,chain,timestamp\n");
    await expect(load).rejects.toThrow("missing project, symbol, apy (or apyBase)");
    await expect(load).rejects.toThrow("Found pool,chain,timestamp.");
    await expect(loadContent("\u001b[2J;a\u0000\n")).rejects.toThrow("Found ??2j?a?.");
    await expect(loadContent("column,".repeat(40))).rejects.toThrow("column and 11 more.");
  });

  it("refuses a path that leads nowhere or to a folder, without repeating it", async () => {
    const load = (path: string) => createFileSource({ path, clock: () => testNow }).load();
    const missing = join(tmpdir(), "obsqra-no-such-folder", "history.csv");
    await expect(load(missing)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    await expect(load(missing)).rejects.toThrow(/^(?!.*obsqra-no-such-folder)/);
    await expect(load(tmpdir())).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });

  it.skipIf(process.platform === "win32")(
    "refuses a pipe and a device instead of waiting for them",
    async () => {
      await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-pipe-"));
      const pipe = join(folder.path, "history.csv");
      await promisify(execFile)("mkfifo", [pipe]);
      for (const path of [pipe, "/dev/zero"]) {
        const source = createFileSource({ path, clock: () => testNow });
        await expect(source.load()).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
        await expect(source.contentSha256?.()).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
        await expect(assertReadableFile(path)).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
      }
    },
  );

  it("reads no more markets than a limit, and goes on with those that it has begun", async () => {
    const rows = Array.from({ length: marketsMax + 2 }, (_, pool) => `p${pool},x,c,S,2025-01-01,1,2,2,`);
    const { markets, report } = await loadContent(
      `${[header, ...rows, "p0,x,c,S,2025-01-02,1,2,2,"].join("\n")}\n`,
    );
    expect(markets).toHaveLength(marketsMax);
    expect(markets.find(({ market }) => market.id === "p0")?.observation_count).toBe(2);
    expect(report.rows_rejected).toBe(2);
    expect(report.rejected[0]).toEqual({
      line: marketsMax + 2,
      reason: "pool is one more than the 50000 that are read",
    });
  });

  it("stops at the limit of decompressed bytes", async () => {
    const bomb = gzipSync(`${header}\n${"p,x,c,S,2025-01-01,1,2,2,\n".repeat(200_000)}`);
    expect(bomb.length).toBeLessThan(20_000);
    await expect(loadContent(bomb, { name: "bomb.csv.gz", maxBytes: 1_000_000 })).rejects.toMatchObject({
      code: "FILE_TOO_LARGE",
    });
  });
});

describe("loading a larger file", () => {
  it("reports progress to the end and lets other work run meanwhile", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-market-"));
    const path = join(folder.path, "large.csv.gz");
    await writeFixtureCsv(path, { shape: "lending", markets: 100, days: 100, seed: 7 });
    const progress: LoadProgress[] = [];
    let turns = 0;
    let isLoading = true;
    const takeTurns = () => {
      turns += 1;
      if (isLoading) {
        setImmediate(takeTurns);
      }
    };
    setImmediate(takeTurns);
    const { report } = await createFileSource({ path, clock: () => testNow }).load({
      onProgress: (step) => progress.push(step),
    });
    isLoading = false;

    expect(report).toMatchObject({ rows_read: 10_000, rows_loaded: 10_000 });
    expect(turns).toBeGreaterThan(10);
    for (const step of ["reading", "checking"]) {
      const done = progress.filter((entry) => entry.step === step);
      expect(done.at(-1)?.done).toBe(done.at(-1)?.total);
      expect(done.map((entry) => entry.done)).toEqual(done.map((entry) => entry.done).sort((a, b) => a - b));
    }
  });

  it("stops with the signal's reason", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-market-"));
    const path = join(folder.path, "large.csv");
    await writeFixtureCsv(path, { shape: "dex", markets: 20, days: 200, seed: 7 });
    const source = createFileSource({ path, clock: () => testNow });
    const reason = new Error("shutting down");
    await expect(source.load({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const load = source.load({ signal: controller.signal, onProgress: () => controller.abort(reason) });
    await expect(load).rejects.toBe(reason);
  });
});
