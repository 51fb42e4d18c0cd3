import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { MarketSeries } from "../panel/market-series.ts";

const folder = fileURLToPath(new URL("../../../../../shared/market/", import.meta.url));

/** True where the real market history is mounted beside the repository. Test code only. */
export const hasMarketFiles = existsSync(`${folder}dex_daily.csv.gz`);

/** The 486 DEX pools, winsorised at nothing: caps are the trainer's business. */
export function readDexPanel(): MarketSeries[] {
  return panelOf(readCsv("dex_daily.csv.gz"), "dex", (row) => ({
    apy: number(row.apy),
    apyBase: number(row.apyBase),
    apyReward: row.apyReward === "" ? 0 : number(row.apyReward),
    tvl: number(row.tvlUsd),
    utilization: Number.NaN,
    frozen: 0,
  }));
}

/** The 128 Aave v3 reserves; their TVL is not in the file. */
export function readLendingPanel(): MarketSeries[] {
  return panelOf(readCsv("lending_daily.csv.gz"), "lending", (row) => ({
    apy: number(row.apyBase),
    apyBase: number(row.apyBase),
    apyReward: 0,
    tvl: Number.NaN,
    utilization: number(row.utilizationImplied),
    frozen: row.frozen === "True" ? 1 : 0,
  }));
}

interface Observation {
  apy: number;
  apyBase: number;
  apyReward: number;
  tvl: number;
  utilization: number;
  frozen: number;
}

type CsvRow = Record<string, string>;

function readCsv(name: string): CsvRow[] {
  const [header = "", ...lines] = gunzipSync(readFileSync(`${folder}${name}`))
    .toString("utf8")
    .trim()
    .split("\n");
  const columns = header.trim().split(",");
  return lines.map((line) => {
    const cells = line.trim().split(",");
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]));
  });
}

function number(cell: string | undefined): number {
  return cell === undefined || cell === "" ? Number.NaN : Number(cell);
}

function panelOf(
  rows: CsvRow[],
  kind: "lending" | "dex",
  observe: (row: CsvRow) => Observation,
): MarketSeries[] {
  const markets = new Map<string, { protocol: string; observations: Map<number, Observation> }>();
  for (const row of rows) {
    const market = markets.get(row.pool ?? "") ?? { protocol: row.project ?? "", observations: new Map() };
    markets.set(row.pool ?? "", market);
    market.observations.set(Math.floor(Date.parse(row.timestamp ?? "") / 86_400_000), observe(row));
  }
  return [...markets].map(([id, { protocol, observations }]) => {
    const sorted = [...observations].sort(([left], [right]) => left - right);
    const column = (read: (observation: Observation) => number) =>
      Float64Array.from(sorted, ([, observation]) => read(observation));
    return {
      market_id: id,
      protocol,
      kind,
      days: Int32Array.from(sorted, ([day]) => day),
      apy: column((observation) => observation.apy),
      apy_base: column((observation) => observation.apyBase),
      apy_reward: column((observation) => observation.apyReward),
      tvl_usd: column((observation) => observation.tvl),
      utilization: column((observation) => observation.utilization),
      frozen: Uint8Array.from(sorted, ([, observation]) => observation.frozen),
      audit_score: 80,
      launched_day: sorted[0]?.[0] ?? 0,
    };
  });
}
