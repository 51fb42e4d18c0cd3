import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCaller } from "@obsqra/features";
import type { ResponseCache } from "@obsqra/platform";
import { recordStatements } from "@obsqra/platform/testing";
import { startPostgres } from "../../../packages/db/src/testing/start-postgres.ts";
import { type Benchmark, type BenchmarkRow, median } from "../../../scripts/bench/benchmark.ts";
import {
  type CacheServer,
  forecasts,
  historyDays,
  markets,
  protocols,
  startCacheServer,
} from "./cache-server.ts";

type Caller = ReturnType<typeof createCaller>;

const rounds = 60;
const parallel = 200;

const reads = {
  "analytics.dashboard": (caller: Caller) => caller.analytics.dashboard(),
  "analytics.risk_history": (caller: Caller) => caller.analytics.risk_history(),
  "predictions.track_record": (caller: Caller) => caller.predictions.track_record(),
} as const;

/** What the cache of responses saves, and what a 304 does. */
export const cacheBenchmark: Benchmark = {
  name: "cache",
  title: "Cached responses",
  description: `${markets} markets of ${protocols} protocols with ${historyDays} days of history, ${forecasts} forecasts with their outcome; a Postgres
server and an embedded PGlite on the same machine. Times are medians of ${rounds} calls without HTTP, each with its check of access and of the
data's version; "computed", "from memory" and "from the table" take turns, so that a busy moment is shared by all of them.
"From the table" is the first call of a process after another process has computed the figures.

200 and 304 are of \`GET /api/v1/analytics/risk-history\` over HTTP, from the same process, taking turns as well.`,
  run: measure,
};

async function measure(report: (line: string) => void): Promise<readonly BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  report("cache: loading history into Postgres");
  await using postgres = await startPostgres();
  {
    await using server = await startCacheServer({ DATABASE_URL: postgres.url("postgres") });
    rows.push(...(await measureEngine("Postgres", server, report)), ...(await revalidationRows(server)));
  }
  report("cache: loading history into PGlite");
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-bench-"));
  await using server = await startCacheServer({ DATA_DIRECTORY: folder.path });
  rows.push(...(await measureEngine("PGlite", server, report)));
  return rows;
}

async function measureEngine(
  engine: string,
  server: CacheServer,
  report: (line: string) => void,
): Promise<BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  for (const [name, ask] of Object.entries(reads)) {
    report(`cache: ${name} on ${engine}`);
    const memory = server.newProcess();
    await ask(server.callerWith(memory));
    const times = await takeTurns({
      computed: () => ask(server.callerWith(withoutCache)),
      memory: () => ask(server.callerWith(memory)),
      table: () => ask(server.callerWith(server.newProcess())),
    });
    const computed = median(times.computed);
    rows.push(
      row(`${name} on ${engine}, computed`, `${computed.toFixed(2)} ms`),
      ratioRow(`${name} on ${engine}, from memory`, { computed, kept: median(times.memory) }),
      ratioRow(`${name} on ${engine}, from the table`, { computed, kept: median(times.table) }),
    );
    rows.push(await stampedeRow(`${name} on ${engine}`, server, ask));
  }
  return rows;
}

const withoutCache: ResponseCache = { getOrCompute: (_key, _schema, compute) => compute() };

async function stampedeRow(
  name: string,
  server: CacheServer,
  ask: (caller: Caller) => Promise<unknown>,
): Promise<BenchmarkRow> {
  await server.api.db.deleteFrom("analytics_cache").execute();
  const { db, statements } = recordStatements(server.api.db);
  const request = { id: "bench", access_token: server.accessToken, ip: "127.0.0.1", user_agent: "bench" };
  const caller = createCaller({ ...server.api, db, cache: server.newProcess(), request });
  await Promise.all(Array.from({ length: parallel }, () => ask(caller)));
  const computed = statements.filter((statement) => /from risk_history|of_model as/.test(statement)).length;
  return row(`${name}: times that ${parallel} at once computed`, String(computed), "1", computed === 1);
}

async function revalidationRows({ url, accessToken }: CacheServer): Promise<BenchmarkRow[]> {
  const authorization = `Bearer ${accessToken}`;
  const get = async (headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/api/v1/analytics/risk-history`, {
      headers: { authorization, ...headers },
    });
    return { status: response.status, tag: response.headers.get("etag") ?? "", body: await response.text() };
  };
  const { tag, body } = await get();
  const unchanged = await get({ "if-none-match": tag });
  const times = await takeTurns({ full: () => get(), empty: () => get({ "if-none-match": tag }) });
  const [full, empty] = [median(times.full), median(times.empty)];
  return [
    row("HTTP 200", `${full.toFixed(2)} ms, ${Buffer.byteLength(body)} bytes of body`),
    row(
      `HTTP ${unchanged.status}`,
      `${empty.toFixed(2)} ms, ${(full / empty).toFixed(1)} times as fast, ${unchanged.body.length} bytes of body`,
      "304 without a body",
      unchanged.status === 304 && unchanged.body === "",
    ),
  ];
}

/** Does each in turn, and gives the milliseconds of every time but the first ten, while the engine compiles. */
async function takeTurns<TName extends string>(
  works: Readonly<Record<TName, () => Promise<unknown>>>,
): Promise<Record<TName, number[]>> {
  const names = Object.keys(works) as TName[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<TName, number[]>;
  for (let round = -10; round < rounds; round += 1) {
    for (const name of names) {
      const startedAt = performance.now();
      await works[name]();
      if (round >= 0) times[name].push(performance.now() - startedAt);
    }
  }
  return times;
}

function ratioRow(
  work: string,
  { computed, kept }: { readonly computed: number; readonly kept: number },
): BenchmarkRow {
  const measured = `${kept.toFixed(2)} ms, ${(computed / kept).toFixed(1)} times as fast`;
  return row(work, measured, "faster than computed", kept < computed);
}

function row(work: string, measured: string, bar = "none", met = true): BenchmarkRow {
  return { work, measured, bar, met, peer: "" };
}
