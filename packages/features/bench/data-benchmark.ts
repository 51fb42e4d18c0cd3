import { readFile } from "node:fs/promises";
import { type Database, migrate, openDatabase } from "@obsqra/db";
import { startPostgres } from "@obsqra/db/testing";
import { sql } from "kysely";
import {
  type Benchmark,
  type BenchmarkChoice,
  type BenchmarkRow,
  median,
} from "../../../scripts/bench/benchmark.ts";
import {
  findMarketOverview,
  listRiskHistory,
  type RiskHistoryRange,
} from "../src/analytics/risk-history.queries.ts";
import { listTransactions, type TransactionsPage } from "../src/transactions/transactions.queries.ts";
import { type HistorySize, seedHistory, seedTransactions } from "./seed-data.ts";

/** What a page of a list, or a computation, may take at any size. */
const barMs = 50;
const barRatio = 2;
const barRowsPerSecond = 50_000;
const rounds = 15;
const dayMs = 86_400_000;

const small: HistorySize = { markets: 16, protocols: 4, days: 400 };
const sizes: readonly HistorySize[] = [
  { markets: 500, protocols: 50, days: 400 },
  { markets: 5_000, protocols: 50, days: 400 },
  { markets: 50_000, protocols: 50, days: 400 },
];

/** What data costs as it grows. */
export const dataBenchmark: Benchmark = {
  name: "data",
  title: "Growing data",
  description: `Risk history is added to one Postgres, which is embedded and does not wait for the disk, by one statement in the order of the markets,
then the figures of protocols that follow; transactions without their chains. What is measured is the statement of each
request as the server sends it, with what its rows take to be read, without caches and after \`vacuum analyze\`: medians of ${rounds}, in turns with
the same at ${small.markets} markets of ${small.protocols} protocols, the smallest. Processor time is that of Postgres. 20 M rows take minutes, and are only measured by
\`pnpm bench data --only "20 M"\`.`,
  run: measure,
};

async function measure(
  report: (line: string) => void,
  { isQuick, only }: BenchmarkChoice,
): Promise<readonly BenchmarkRow[]> {
  await using postgres = await startPostgres();
  const { db, close } = await openDatabase({ url: postgres.url("postgres"), pool: { size: 1 } });
  try {
    await migrate(db);
    await seedHistory(db, sourceOf(small), small);
    const chosen = sizes.filter((size) =>
      only.length > 0 ? only.includes(nameOf(size)) : rowsOf(size) < (isQuick ? 1e6 : 1e7),
    );
    const rows: BenchmarkRow[] = [];
    for (const size of chosen) {
      report(`data: ${nameOf(size)} rows of risk history`);
      rows.push(...(await addHistory(db, size)));
      for (const [name, ask] of Object.entries(historyRequests)) {
        const [least, most] = await inTurns(db, [
          () => ask(db, sourceOf(small)),
          () => ask(db, sourceOf(size)),
        ]);
        rows.push(toRow(`${nameOf(size)} rows of risk history, ${name}`, { least, most }));
      }
    }
    if (only.length === 0) {
      rows.push(...(await measureTransactions(db, { users: isQuick ? 1_000 : 10_000, report })));
    }
    return rows;
  } finally {
    await close();
  }
}

/** Each is asked of the database as the server does it when no cache knows. */
const historyRequests: Readonly<Record<string, (db: Database, source: string) => Promise<unknown>>> = {
  "dashboard of 7 days": (db, source) => findMarketOverview(db, { source, now: new Date(), days: 7 }),
  "dashboard of 90 days": (db, source) => findMarketOverview(db, { source, now: new Date(), days: 90 }),
  "first page of protocols, 100 of 90 days": (db, source) => listRiskHistory(db, rangeOf({ source })),
  "a page of protocols 40 days on": (db, source) =>
    listRiskHistory(db, rangeOf({ source, after: daysOn(40) })),
  "a page of protocols, oldest first, of 365 days": (db, source) =>
    listRiskHistory(db, rangeOf({ source, days: 365, sort: "oldest" })),
  "a page of one protocol": (db, source) => listRiskHistory(db, rangeOf({ source, protocol: "protocol-2" })),
  "first page of markets, 100 of 90 days": (db, source) =>
    listRiskHistory(db, rangeOf({ source, granularity: "market" })),
  "a page of markets 40 days on": (db, source) =>
    listRiskHistory(db, rangeOf({ source, granularity: "market", after: daysOn(40) })),
};

function rangeOf(changes: Partial<RiskHistoryRange> & Pick<RiskHistoryRange, "source">): RiskHistoryRange {
  return {
    now: new Date(),
    protocol: undefined,
    days: 90,
    until: undefined,
    granularity: "protocol",
    limit: 101,
    sort: "newest",
    after: undefined,
    ...changes,
  };
}

/** After a row of so many days before yesterday. */
function daysOn(days: number): NonNullable<RiskHistoryRange["after"]> {
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  return { as_of: new Date(today - (days + 1) * dayMs), protocol: "protocol-2", market_id: "" };
}

async function addHistory(db: Database, size: HistorySize): Promise<readonly BenchmarkRow[]> {
  const before = await bytesOfHistory(db);
  const begun = performance.now();
  await seedHistory(db, sourceOf(size), size);
  const perSecond = rowsOf(size) / ((performance.now() - begun) / 1000);
  await sql`set statement_timeout = 0`.execute(db);
  await sql`vacuum analyze`.execute(db);
  const megabytes = ((await bytesOfHistory(db)) - before) / rowsOf(size);
  return [
    {
      work: `add ${nameOf(size)} rows of risk history: ${size.markets} markets of ${size.protocols} protocols, ${size.days} days`,
      measured: `${Math.round(perSecond).toLocaleString("en")} rows/s; ${megabytes.toFixed(0)} MB per million rows, indexes and figures of protocols included`,
      bar: `≥ ${barRowsPerSecond.toLocaleString("en")} rows/s`,
      met: perSecond >= barRowsPerSecond,
      peer: "",
    },
  ];
}

async function bytesOfHistory(db: Database): Promise<number> {
  const { rows } = await sql<{ bytes: string }>`
    select (pg_total_relation_size('risk_history') + pg_total_relation_size('protocol_risk_history'))::text as bytes`.execute(
    db,
  );
  return Number(rows[0]?.bytes);
}

const perUser = 100;
const fewUsers = 100;

const transactionRequests: Readonly<Record<string, Partial<TransactionsPage>>> = {
  "the first page": {},
  "a page further on": { after: { first_position: "60", amount: "500" } },
  "the first page by amount": { sort: "highest" },
  "the first page of one type": { tx_type: "deposit" },
};

function pageOf(owner_id: string, changes: Partial<TransactionsPage>): TransactionsPage {
  return {
    owner_id,
    tx_type: undefined,
    status: undefined,
    created_from: undefined,
    created_until: undefined,
    sort: "newest",
    after: undefined,
    limit: 51,
    ...changes,
  };
}

/** The same list before and after the table has grown; not in turns, because there is one table. */
async function measureTransactions(
  db: Database,
  { users, report }: { readonly users: number; readonly report: (line: string) => void },
): Promise<readonly BenchmarkRow[]> {
  const costsOf = async (owner: string) => {
    const costs: Cost[] = [];
    for (const changes of Object.values(transactionRequests)) {
      costs.push(...(await inTurns(db, [() => listTransactions(db, pageOf(owner, changes))])));
    }
    return costs;
  };
  report("data: transactions");
  const few = await costsOf(await seedTransactions(db, { name: "few", users: fewUsers, perUser }));
  const many = await costsOf(await seedTransactions(db, { name: "many", users, perUser }));
  const total = `${(((users + fewUsers) * perUser) / 1e6).toFixed(1)} M transactions`;
  return Object.keys(transactionRequests).map((name, index) =>
    toRow(`${total} of ${users.toLocaleString("en")} users, ${name}`, {
      least: few[index],
      most: many[index],
    }),
  );
}

/** What a request takes. */
interface Cost {
  readonly ms: number;
  /** Processor time of Postgres; NaN where the system does not say. */
  readonly cpuMs: number;
}

/** Medians of each request, which take turns, so that what disturbs the machine disturbs them all. */
async function inTurns(db: Database, requests: readonly (() => Promise<unknown>)[]): Promise<Cost[]> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  const cpuMs = async () => {
    const text = await readFile(`/proc/${rows[0]?.pid}/schedstat`, "utf8").catch(() => "NaN");
    return Number(text.split(" ")[0]) / 1e6;
  };
  const costs = requests.map((): Cost[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, request] of requests.entries()) {
      const cpuBefore = await cpuMs();
      const begun = performance.now();
      await request();
      const ms = performance.now() - begun;
      // The first one reads from the disk what the others find in memory.
      if (round > 0) costs[index]?.push({ ms, cpuMs: (await cpuMs()) - cpuBefore });
    }
  }
  return costs.map((each) => ({
    ms: median(each.map(({ ms }) => ms)),
    cpuMs: median(each.map(({ cpuMs }) => cpuMs)),
  }));
}

function toRow(
  work: string,
  { least, most }: { readonly least: Cost | undefined; readonly most: Cost | undefined },
): BenchmarkRow {
  if (least === undefined || most === undefined) throw new Error(`${work} was not measured.`);
  // The dashboard sums up all markets, and has no page whose size would stay.
  const isPage = work.includes("page");
  const times = most.cpuMs / least.cpuMs;
  const ratio = isPage ? `, ${times.toFixed(1)} × as much as of the smallest` : "";
  return {
    work,
    measured: `${most.ms.toFixed(1)} ms; Postgres ${most.cpuMs.toFixed(1)} ms${ratio}`,
    bar: `≤ ${barMs} ms${isPage ? `, ≤ ${barRatio} ×` : ""}`,
    met: most.ms <= barMs && (!isPage || Number.isNaN(times) || times <= barRatio),
    peer: "",
  };
}

function sourceOf({ markets }: HistorySize): string {
  return `bench-${markets}`;
}

function rowsOf({ markets, days }: HistorySize): number {
  return markets * days;
}

function nameOf(size: HistorySize): string {
  return `${rowsOf(size) / 1e6} M`;
}
