import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { createRandom } from "../simulated/random.ts";

/** What to generate. */
export interface FixtureCsvOptions {
  /** `dex`: DefiLlama's chart shape. `lending`: with borrow rates, utilization, frozen and paused. */
  shape: "dex" | "lending";
  /** Number of pools. */
  markets: number;
  /** Number of projects that the pools belong to, in turn. @default 1 */
  protocols?: number;
  /** Rows per pool, one a day. */
  days: number;
  seed: number;
  /** First day, `YYYY-MM-DD`. @default "2025-01-01" */
  from?: string;
}

const dayMs = 86_400_000;

/**
 * Market history as CSV text in one of the two shapes we read. Deterministic; no row is flagged or rejected.
 * Ids are `fixture-dex-1`…, so that fixtures can be told from real data.
 */
export function fixtureCsv(options: FixtureCsvOptions): string {
  const { shape, markets, protocols = 1, days, seed, from = "2025-01-01" } = options;
  const header =
    shape === "dex"
      ? "pool,project,chain,symbol,timestamp,tvlUsd,apy,apyBase,apyReward"
      : "pool,project,chain,symbol,timestamp,apyBase,apyBaseBorrow,utilizationImplied,supplyCap,borrowCap,frozen,paused";
  const createRow = shape === "dex" ? createDexRow : createLendingRow;
  const lines = [header];
  for (let market = 1; market <= markets; market += 1) {
    const random = createRandom(`fixture:${shape}:${seed}:${market}`);
    const project = projectName(shape, 1 + ((market - 1) % protocols));
    let level = random.normal();
    for (let day = 0; day < days; day += 1) {
      level = 0.9 * level + 0.2 * random.normal();
      const timestamp = new Date(Date.parse(from) + day * dayMs + 82_800_000).toISOString();
      lines.push(createRow({ market, project, timestamp, level }));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Writes {@link fixtureCsv} to `path`, compressed when the name ends with `.gz`. */
export async function writeFixtureCsv(path: string, options: FixtureCsvOptions): Promise<void> {
  const text = fixtureCsv(options);
  await writeFile(path, path.endsWith(".gz") ? await promisify(gzip)(text) : text);
}

interface FixtureRow {
  market: number;
  project: string;
  timestamp: string;
  level: number;
}

function projectName(shape: FixtureCsvOptions["shape"], number: number): string {
  const name = shape === "dex" ? "fixture-swap" : "fixture-lend";
  return number === 1 ? name : `${name}-${number}`;
}

function createDexRow({ market, project, timestamp, level }: FixtureRow): string {
  const apyBase = 12 * Math.exp(0.5 * level);
  const apyReward = market % 2 === 0 ? 2.5 + 0.1 * level : undefined;
  const tvlUsd = Math.round(1_000_000 * market * Math.exp(0.1 * level));
  const cells = [
    tvlUsd,
    (apyBase + (apyReward ?? 0)).toFixed(5),
    apyBase.toFixed(5),
    apyReward?.toFixed(5) ?? "",
  ];
  return `fixture-dex-${market},${project},Starknet,ETH-T${market},${timestamp},${cells.join(",")}`;
}

function createLendingRow({ market, project, timestamp, level }: FixtureRow): string {
  const utilization = 1 / (1 + Math.exp(-level));
  const borrow = 1 + 8 * utilization;
  const cells = [(borrow * utilization * 0.9).toFixed(6), borrow.toFixed(6), utilization.toFixed(6)];
  return `fixture-lending-${market},${project},Starknet,T${market},${timestamp},${cells.join(",")},0.0,1.0,False,False`;
}
