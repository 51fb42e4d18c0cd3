import { fork } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Database, openDatabase } from "@obsqra/db";
import { accessTokenSettings, createIdGenerator, issueAccessToken, writeTransaction } from "@obsqra/platform";
import { startPostgres } from "../../../../packages/db/src/testing/start-postgres.ts";
import { seedUsers } from "../../../../packages/features/bench/seed-users.ts";
import { writeFixtureCsv } from "../../../../packages/market/src/testing/fixture-csv.ts";
import type { Benchmark, BenchmarkChoice, BenchmarkRow } from "../../../../scripts/bench/benchmark.ts";
import { type ServerProcess, startOurs } from "../api/server-process.ts";
import { settings } from "../api/start-world.ts";
import type { Reader, SubscriberReport, SubscribeTask, Way } from "./subscribers.process.ts";

const idleStreams = 2_000;
/** So many a process takes; some have two streams then. */
const webSocketsMost = 1_400;
const idleMaxMb = 200;
const busyStreams = 200;
const perSecond = 500;
const latencyMaxMs = 250;
/** Until the engine has compiled what is hot, on both sides. */
const warmUpSeconds = 2;

/** What streams of events cost a server that is idle, and how soon events come while many happen. */
export const liveBenchmark: Benchmark = {
  name: "live",
  title: "Live updates",
  description: `A server as \`pnpm start\` starts it, on a Postgres on the same machine, with limits counted in its memory; the readers are one
process of their own, each stream with an address of its own, ten streams at most of a user. Idle: the memory that is resident with ${idleStreams} streams
to which nothing was sent, less that before; over WebSockets these are ${webSocketsMost}, the most that a process takes, some with two streams. Busy: ${perSecond} events a second, each in a transaction of its own, of which everybody is told:
${busyStreams} streams get ${perSecond * busyStreams} messages a second. The time is from the moment in the event, which its writer has set before the
commit, until a reader has it, of every tenth stream, which over WebSockets tRPC's own \`wsLink\` reads; the other readers count messages only. "Late" is how far the writer was behind its rhythm in the end.`,
  run: measure,
};

async function measure(
  report: (line: string) => void,
  { isQuick }: BenchmarkChoice,
): Promise<readonly BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  for (const way of ["server-sent events", "WebSockets"] as const) {
    // Each on a server of its own: memory that one has used is there for the other.
    await using world = await startLiveWorld(report);
    rows.push(await measureIdle(world, { report, way }));
    rows.push(...(await measureBusy(world, { report, way, seconds: isQuick ? 3 : 15 })));
  }
  return rows;
}

interface LiveWorld extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly db: Database;
  readonly readers: readonly Reader[];
}

/** What is measured. */
interface Measured {
  readonly report: (line: string) => void;
  readonly way: Way;
}

async function startLiveWorld(report: (line: string) => void): Promise<LiveWorld> {
  await using stack = new AsyncDisposableStack();
  report("live: starting Postgres and a server");
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), "obsqra-bench-")));
  const postgres = stack.use(await startPostgres());
  const file = join(folder.path, "history.csv");
  await writeFixtureCsv(file, { shape: "dex", markets: 3, days: 80, seed: 1 });
  const url = postgres.url("postgres");
  const variables = { ...settings, DATABASE_URL: url, MARKET_FILE: file };
  const server = stack.use(await startOurs({ folder: folder.path, name: "ours", variables }));
  const { db, close } = await openDatabase({ url });
  stack.defer(close);
  const users = await seedUsers(db, { users: idleStreams / 10, transactions: 0 });
  const accessTokens = accessTokenSettings([settings.SECRET_KEY], 1440);
  const tokens = await Promise.all(
    users.map((user) =>
      issueAccessToken({ accessTokens, clock: () => new Date() }, { ...user, token_id: randomUUID() }),
    ),
  );
  const readers = Array.from({ length: idleStreams }, (_, index) => ({
    authorization: `Bearer ${tokens[index % tokens.length]}`,
    address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
  }));
  const kept = stack.move();
  return { server, db, readers, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Readers in a process of their own. */
interface ReaderProcess extends AsyncDisposable {
  report(): Promise<SubscriberReport>;
  /** Waits until so many events have come that are looked at, as long as others still come, and reports all since the last report. */
  reportOf(events: number): Promise<SubscriberReport>;
}

/** Without an event for so long, none is on its way any more. */
const silenceMs = 2_000;

async function startReaders(task: SubscribeTask): Promise<ReaderProcess> {
  const child = fork(new URL("./subscribers.process.ts", import.meta.url));
  child.send(task);
  await once(child, "message");
  const report = async () => {
    child.send("report");
    const [reported] = (await once(child, "message")) as [SubscriberReport];
    return reported;
  };
  return {
    report,
    reportOf: async (events) => {
      let all = await report();
      let cameAt = performance.now();
      while (all.latencies.length < events && performance.now() - cameAt < silenceMs) {
        await wait(100);
        const next = await report();
        if (next.events > 0) cameAt = performance.now();
        all = {
          open: next.open,
          events: all.events + next.events,
          latencies: [...all.latencies, ...next.latencies],
        };
      }
      return all;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

/** One stream each, and a second one for the first of them where there are more streams than connections may be. */
function shareStreams(
  readers: readonly Reader[],
  { streams, way }: { readonly streams: number; readonly way: Way },
): SubscribeTask["readers"] {
  const connections = way === "WebSockets" ? Math.min(streams, webSocketsMost) : streams;
  const second = streams - connections;
  return readers
    .slice(0, connections)
    .map((reader, index) => ({ ...reader, streams: index < second ? 2 : 1 }));
}

async function measureIdle(
  { server, readers: all }: LiveWorld,
  { report, way }: Measured,
): Promise<BenchmarkRow> {
  report(`live: opening ${idleStreams} streams over ${way}`);
  const before = await server.residentMb();
  await using readers = await startReaders({
    url: server.url,
    way,
    readers: shareStreams(all, { streams: idleStreams, way }),
  });
  const { open } = await readers.report();
  // Heartbeats are a part of being idle.
  await wait(20_000);
  const megabytes = (await server.residentMb()) - before;
  return {
    work: `${way}: resident with ${open} idle streams, more than without`,
    measured: `${megabytes.toFixed(0)} MB, ${((megabytes * 1000) / open).toFixed(0)} kB a stream`,
    bar: `< ${idleMaxMb} MB`,
    met: open === idleStreams && megabytes < idleMaxMb,
    peer: "",
  };
}

async function measureBusy(
  { server, db, readers: all }: LiveWorld,
  { report, way, seconds }: Measured & { readonly seconds: number },
): Promise<readonly BenchmarkRow[]> {
  report(`live: ${perSecond} events a second to ${busyStreams} streams over ${way} for ${seconds} s`);
  await using readers = await startReaders({
    url: server.url,
    way,
    readers: shareStreams(all, { streams: busyStreams, way }),
  });
  const expectedIn = (all: number) => perSecond * all * (busyStreams / 10);
  await emitSteadily(db, warmUpSeconds);
  await readers.reportOf(expectedIn(warmUpSeconds));
  const cpuBefore = await server.cpuSeconds();
  const beganAt = performance.now();
  const lateMs = await emitSteadily(db, seconds);
  const { open, events, latencies } = await readers.reportOf(expectedIn(seconds));
  const cpu = ((await server.cpuSeconds()) - cpuBefore) / ((performance.now() - beganAt) / 1000);
  const sorted = latencies.toSorted((left, right) => left - right);
  const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  const expected = expectedIn(seconds);
  const isWhole = open === busyStreams && latencies.length === expected;
  return [
    {
      work: `${way}: from an event to its reader, ${perSecond} events a second to ${busyStreams} streams`,
      measured: `p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, at most ${quantile(1)} ms`,
      bar: `p99 < ${latencyMaxMs} ms`,
      met: quantile(0.99) < latencyMaxMs,
      peer: "",
    },
    {
      work: `${way}: events that came, of those looked at one by one`,
      measured: `${latencies.length} of ${expected}; ${events} messages in all; ${busyStreams - open} streams ended; late by ${lateMs.toFixed(0)} ms`,
      bar: "each once",
      met: isWhole,
      peer: "",
    },
    {
      work: `${way}: processor time of the server meanwhile`,
      measured: `${(cpu * 100).toFixed(0)} % of a core`,
      bar: "none",
      met: true,
      peer: "",
    },
  ];
}

/** @returns how late the last event was, in milliseconds */
async function emitSteadily(db: Database, seconds: number): Promise<number> {
  const clock = () => new Date();
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const deps = { db, clock, log, createId: createIdGenerator({ clock, randomBytes }) };
  const total = perSecond * seconds;
  const beginning = performance.now();
  const writing: Promise<unknown>[] = [];
  for (let number = 0; number < total; number += 1) {
    const due = beginning + (number * 1000) / perSecond;
    if (due > performance.now()) await wait(due - performance.now());
    const payload = {
      decision_id: deps.createId(),
      decided_by: "operator",
      status: "active",
      status_before: "paused",
    } as const;
    writing.push(
      writeTransaction(deps, async (_trx, emit) =>
        emit({ type: "protocol.status_set", subject: "ekubo", owner_id: null, payload }),
      ),
    );
  }
  await Promise.all(writing);
  return performance.now() - beginning - seconds * 1000;
}
