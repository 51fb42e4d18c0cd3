import { compareScoresJob, getFreshness, getRiskEngineState, listJobs } from "@obsqra/features";
import { addJobRuns } from "@obsqra/features/testing";
import { pauseJob, runJobs } from "@obsqra/platform";
import Fastify from "fastify";
import { expect, inject, it, vi } from "vitest";
import { send, startTestServer } from "../test/wire/start-test-server.ts";
import { registerHealth } from "./health.ts";

const market_source = { name: "simulated", simulated: true };

it("says alive as long as the process lives", async () => {
  await using server = await startTestServer();
  const { status, body } = await send(server.url, { path: "/health" });
  expect([status, JSON.parse(body)]).toEqual([200, { status: "ok" }]);
});

it("says ready once the database responds, there are models, and the market data is current", async () => {
  await using server = await startTestServer({ withForecasts: true });
  const { status, headers, body } = await send(server.url, { path: "/ready" });
  expect([status, JSON.parse(body)]).toEqual([
    200,
    {
      status: "ready",
      checks: {
        database: "up",
        models: "up",
        market_data: "current",
        market_feed: "up",
        jobs: "up",
        events: "up",
      },
      risk_engine: "not configured",
      log_anchor: "not configured",
      market_source,
    },
  ]);
  expect(headers.get("cache-control")).toBe("no-store");
});

it.each([
  [
    "full",
    {
      database: "disk full",
      models: "up",
      market_data: "current",
      market_feed: "up",
      jobs: "up",
      events: "up",
    },
  ],
  [
    "forbidden",
    {
      database: "no permission",
      models: "unknown",
      market_data: "unknown",
      market_feed: "unknown",
      jobs: "unknown",
      events: "unknown",
    },
  ],
  [
    "damaged",
    {
      database: "damaged",
      models: "unknown",
      market_data: "unknown",
      market_feed: "unknown",
      jobs: "unknown",
      events: "unknown",
    },
  ],
] as const)("is not ready when the database is %s, and says so", async (state, checks) => {
  const database = { state: async () => state };
  await using server = await startTestServer({ withForecasts: true, database });
  const { status, body } = await send(server.url, { path: "/ready" });
  expect([status, JSON.parse(body)]).toEqual([
    503,
    {
      status: "not ready",
      checks,
      degraded:
        state === "full"
          ? ["database"]
          : ["database", "models", "market_data", "market_feed", "jobs", "events"],
      risk_engine: state === "full" ? "not configured" : "unknown",
      log_anchor: state === "full" ? "not configured" : "unknown",
      market_source,
    },
  ]);
});

it("is not ready when the newest observation is older than three days, and when models of its horizon are missing", async () => {
  await using server = await startTestServer({ withForecasts: true });
  const look = async (url: string) => JSON.parse((await send(url, { path: "/ready" })).body);
  server.api.clock.advance(3 * 24 * 60 * 60_000);
  expect(await look(server.url)).toMatchObject({
    checks: { database: "up", models: "up", market_data: "stale" },
    degraded: ["market_data", "jobs"],
    observed_until: expect.stringMatching(/^2026-01-1\d/),
  });
  await using other = await startTestServer({ withForecasts: true, env: { PREDICTION_WINDOW_DAYS: 14 } });
  expect(await look(other.url)).toMatchObject({
    checks: {
      database: "up",
      models: "down",
      market_data: "current",
      market_feed: "up",
      jobs: "up",
      events: "up",
    },
    degraded: ["models"],
    missing_models: ["risk", "yield"],
  });
});

it("takes requests while data are old, models are missing or the disk is full, for then no replica would be left", async () => {
  await using server = await startTestServer({ withForecasts: true });
  server.api.clock.advance(30 * 24 * 60 * 60_000);
  await using empty = await startTestServer();
  await using full = await startTestServer({ withForecasts: true, database: { state: async () => "full" } });
  for (const [{ url }, database] of [
    [server, "up"],
    [empty, "up"],
    [full, "disk full"],
  ] as const) {
    expect((await send(url, { path: "/ready" })).status).toBe(503);
    const { status, headers, body } = await send(url, { path: "/ready/traffic" });
    expect([status, JSON.parse(body)]).toEqual([200, { status: "ready", checks: { database } }]);
    expect(headers.get("cache-control")).toBe("no-store");
  }
});

it.each(["down", "forbidden", "damaged"] as const)(
  "takes no requests when the database is %s",
  async (state) => {
    await using server = await startTestServer({ database: { state: async () => state } });
    const { status, body } = await send(server.url, { path: "/ready/traffic" });
    expect([status, JSON.parse(body).status]).toEqual([503, "not ready"]);
  },
);

it("says what it is not ready for", async () => {
  await using server = await startTestServer();
  const withoutModels = await send(server.url, { path: "/ready" });
  expect([withoutModels.status, JSON.parse(withoutModels.body)]).toEqual([
    503,
    {
      status: "not ready",
      checks: {
        database: "up",
        models: "down",
        market_data: "missing",
        market_feed: "up",
        jobs: "up",
        events: "up",
      },
      degraded: ["models", "market_data"],
      missing_models: ["risk", "yield"],
      risk_engine: "not configured",
      log_anchor: "not configured",
      market_source,
    },
  ]);
  await server.api.deps.db.destroy();
  const withoutDatabase = await send(server.url, { path: "/ready" });
  expect([withoutDatabase.status, JSON.parse(withoutDatabase.body).checks]).toEqual([
    503,
    {
      database: "down",
      models: "unknown",
      market_data: "unknown",
      market_feed: "unknown",
      jobs: "unknown",
      events: "unknown",
    },
  ]);
  expect((await send(server.url, { path: "/health" })).status).toBe(200);
});

it("says since when events wait for a transaction that does not end, and stays ready", async () => {
  await using server = await startTestServer({ withForecasts: true });
  const app = Fastify();
  registerHealth(app, {
    database: { state: async () => "up" },
    marketSource: "simulated",
    freshness: () => getFreshness(server.api.deps, { horizonDays: 7 }),
    deadJobs: async () => [],
    lateJobs: async () => [],
    jobStates: async () => [],
    riskEngine: async () => "not configured",
    logAnchor: async () => "not configured",
    eventsHeldSince: async () => new Date("2026-01-10T00:00:00Z"),
  });
  const { statusCode, body } = await app.inject("/ready");
  expect([statusCode, JSON.parse(body)]).toMatchObject([
    200,
    { checks: { events: "held" }, degraded: ["events"], events_held_since: "2026-01-10T00:00:00.000Z" },
  ]);
});

it("names the jobs that nobody runs, once they have been late for five minutes, and stays ready", async () => {
  await using server = await startTestServer({ withForecasts: true });
  server.api.clock.advance(65 * 60_000);
  const { status, body } = await send(server.url, { path: "/ready" });
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({
    checks: { jobs: "late" },
    late_jobs: expect.arrayContaining(["market.refresh", "predictions.renew"]),
  });
  await pauseJob(server.api.deps, "market.refresh", true);
  const { late_jobs } = JSON.parse((await send(server.url, { path: "/ready" })).body);
  expect(late_jobs).not.toContain("market.refresh");
  expect(late_jobs).toContain("predictions.renew");
});

it("tells what the RiskEngine contract was found to say, and stays ready", async () => {
  const riskEngine = { address: "0x1", riskScore: async () => 1n };
  await using server = await startTestServer({ withForecasts: true, riskEngine });
  const look = async () => JSON.parse((await send(server.url, { path: "/ready" })).body);
  expect(await look()).toMatchObject({ status: "ready", risk_engine: "unknown" });
  const { deps } = server.api;
  const { db, clock, log } = deps;
  const job = { ...compareScoresJob, schedule: undefined };
  const engine = inject("databaseEngine");
  await using jobs = await runJobs({ db, clock, log, engine, jobs: [job], deps, tickMs: 5 });
  await jobs.send(job.name);
  await vi.waitUntil(async () => (await look()).risk_engine === "differs", 30_000);
  expect(await look()).toMatchObject({ status: "ready" });
  // Another contract was not asked yet.
  expect(await getRiskEngineState({ db, riskEngine: { ...riskEngine, address: "0x2" } })).toBe("unknown");
  expect(server.api.logged.map(({ message }) => message)).toContain(
    "The RiskEngine contract scores otherwise than our arithmetic.",
  );
});

it("names no job as failed that is not configured any more", async () => {
  const riskEngine = { address: "0x1", riskScore: async () => 1n };
  for (const [configured, failed] of [
    [{ riskEngine }, ["risk_engine.compare"]],
    [{}, undefined],
  ] as const) {
    const jobs = listJobs(
      { name: "simulated" },
      { hasChain: false, hasRiskEngine: "riskEngine" in configured, hasLogAnchor: false },
    );
    await using server = await startTestServer({ withForecasts: true, ...configured, deps: { jobs } });
    await addJobRuns(server.api.deps, { name: "risk_engine.compare", onlyFailed: true });
    const { failed_jobs, risk_engine } = JSON.parse((await send(server.url, { path: "/ready" })).body);
    expect(failed_jobs).toEqual(failed);
    expect(risk_engine).toBe(failed === undefined ? "not configured" : "node unreachable");
  }
});

it("tells how each job goes to whoever asks for details, and nothing of what went wrong", async () => {
  await using server = await startTestServer({ withForecasts: true });
  await addJobRuns(server.api.deps);
  await pauseJob(server.api.deps, "retention.clean_up", true);
  server.api.clock.advance(65 * 60_000);
  const { status, body } = await send(server.url, { path: "/health?detail" });
  expect(status).toBe(200);
  const { jobs, ...detail } = JSON.parse(body);
  const { readiness, checks } = detail;
  expect(checks).toEqual({
    database: "up",
    models: "up",
    market_data: "current",
    market_feed: "up",
    jobs: "late",
    events: "up",
  });
  expect(readiness).toBe("ready");
  const ready = JSON.parse((await send(server.url, { path: "/ready" })).body);
  expect(detail).toEqual({ ...ready, status: "ok", readiness: ready.status });
  const of = (wanted: string) => jobs.find(({ name }: { name: string }) => name === wanted);
  expect(of("retention.clean_up")).toMatchObject({ state: "paused", next_run_at: null });
  expect(of("market.refresh")).toMatchObject({
    state: "late",
    last_run_at: "2026-01-15T12:07:01.000Z",
    next_run_at: expect.stringMatching(/:07:00\.000Z$/),
  });
  expect(body).not.toContain("503");
});

it("looks once for all who ask at the same time, and again for who asks later", async () => {
  let looks = 0;
  const asked = Promise.withResolvers<void>();
  const responds = Promise.withResolvers<void>();
  const state = async () => {
    looks += 1;
    asked.resolve();
    await responds.promise;
    return "up" as const;
  };
  await using server = await startTestServer({ withForecasts: true, database: { state } });
  const first = server.app.inject("/ready");
  await asked.promise;
  const others = Array.from({ length: 20 }, () => server.app.inject("/ready"));
  responds.resolve();
  const responses = await Promise.all([first, ...others]);
  expect(new Set(responses.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  expect(looks).toBe(1);
  await server.app.inject("/ready");
  expect(looks).toBe(2);
});
