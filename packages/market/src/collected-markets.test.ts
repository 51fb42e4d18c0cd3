import { describe, expect, it } from "vitest";
import { createDatasetBuilder } from "./dataset-builder.ts";
import type { MarketDescription, MarketObservation } from "./market-source.ts";

function observe(day: number): MarketObservation {
  return {
    observed_at: new Date(Date.UTC(2025, 0, day)),
    tvl_usd: 1_000_000,
    apy: day,
    apy_base: null,
    apy_reward: null,
    apy_base_borrow: null,
    utilization: null,
    frozen: null,
    paused: null,
    quality: [],
  };
}

type Row = readonly [market: Partial<MarketDescription>, day: number];

/** Builds from rows whose lines begin with 1. */
async function build(rows: readonly Row[]) {
  const builder = createDatasetBuilder(new Date("2026-01-01"));
  for (const [index, [market, day]] of rows.entries()) {
    const described = { id: "a", protocol: "ekubo", chain: "Starknet", symbol: "A-B", kind: "dex" as const };
    builder.add(index + 1, { ...described, ...market }, observe(day));
  }
  const { markets, report } = await builder.finish({});
  return { markets: markets.map(({ market }) => [market.id, market.chain]), report };
}

describe("a pool", () => {
  it("is on the chain that most of its rows name; rows of its id on another chain are refused", async () => {
    const ethereum: Row[] = [1, 2, 3].map((day) => [{ chain: "Ethereum", protocol: "swap" }, day]);
    const arbitrum: Row[] = [1, 2].map((day) => [{ chain: "Arbitrum", protocol: "swap" }, day]);
    for (const [rows, line] of [
      [[...ethereum, ...arbitrum], 4],
      [[...arbitrum, ...ethereum], 1],
    ] as const) {
      const { markets, report } = await build(rows);
      expect(markets).toEqual([["a", "Ethereum"]]);
      expect(report).toMatchObject({ rows_read: 5, rows_loaded: 3, rows_rejected: 2, duplicates: 0 });
      const reason = `2 rows of a on "Arbitrum", but most rows of that id are on "Ethereum": pools of two chains need two ids`;
      expect(report.rejected).toEqual([{ line, reason }]);
    }
  });

  it("may leave its chain out, in whichever rows, and write it in capitals", async () => {
    const { markets, report } = await build([
      [{ chain: "unknown" }, 1],
      [{ chain: "Starknet" }, 2],
      [{ chain: "STARKNET" }, 3],
      [{ chain: "unknown", symbol: "B-A" }, 4],
      [{ chain: "Base" }, 5],
    ]);
    expect(markets).toEqual([["a", "STARKNET"]]);
    expect(report.rejected.map(({ line }) => line)).toEqual([5]);
  });
});

describe("a protocol that has pools on Starknet", () => {
  it("does not get the pools of the same name elsewhere, in whichever order they come", async () => {
    const rows: Row[] = [
      [{ id: "b", chain: "Ethereum" }, 1],
      [{ id: "b", chain: "Ethereum" }, 2],
      [{ id: "a" }, 1],
      [{ id: "c", chain: "unknown" }, 1],
      [{ id: "d", chain: "Ethereum", protocol: "aave" }, 1],
    ];
    for (const [each, line] of [
      [rows, 1],
      [rows.toReversed(), 4],
    ] as const) {
      const { markets, report } = await build(each);
      expect(markets).toEqual([
        ["a", "Starknet"],
        ["c", "unknown"],
        ["d", "Ethereum"],
      ]);
      expect(report).toMatchObject({ rows_read: 5, rows_loaded: 3, rows_rejected: 2 });
      const reason = `2 rows of b on "Ethereum", but ekubo is on Starknet: what is of that name elsewhere is taken for another protocol`;
      expect(report.rejected).toEqual([{ line, reason }]);
    }
  });

  it("is not made by one odd cell of a protocol elsewhere", async () => {
    const rows: Row[] = ["a", "b"].flatMap((id) =>
      [1, 2, 3].map((day): Row => [{ id, chain: "Ethereum" }, day]),
    );
    const { markets, report } = await build(rows.with(0, [{ id: "a", chain: "Starknet" }, 1]));
    expect(markets).toEqual([
      ["a", "Ethereum"],
      ["b", "Ethereum"],
    ]);
    expect(report.rejected.map(({ line }) => line)).toEqual([1]);
  });
});
