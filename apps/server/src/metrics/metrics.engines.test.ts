import { withoutRules } from "@obsqra/db/testing";
import { defineJob, runJobs } from "@obsqra/platform";
import { expect, inject, it, vi } from "vitest";
import { z } from "zod";
import { readSamples } from "../../test/metrics/read-samples.ts";
import { metricsNamedIn } from "../../test/ops/ops-files.ts";
import { send, startTestServer, type TestServer } from "../../test/wire/start-test-server.ts";
import { healthParts } from "../health-parts.ts";
import { createMetrics } from "./create-metrics.ts";
import { watchService } from "./watch-service.ts";

const token = "a token of sixteen or more";

/** A server whose metrics whoever has the token may read, with forecasts. */
async function startMeasured(): Promise<TestServer & { samples: () => Promise<Map<string, number>> }> {
  const metrics = createMetrics();
  const { onResponse, text } = metrics;
  const server = await startTestServer({
    withForecasts: true,
    deps: { callMeter: metrics.calls },
    metricsRoute: { token, onResponse, text },
  });
  const { deps } = server.api;
  const database = { state: async () => "up" as const };
  watchService(metrics, { api: deps, health: healthParts({ api: deps, database, horizonDays: 7 }) });
  const samples = async () => {
    const { status, body } = await send(server.url, {
      path: "/metrics",
      headers: { authorization: `Bearer ${token}` },
    });
    expect(status).toBe(200);
    return readSamples(body);
  };
  return { ...server, samples };
}

it("shows metrics to whoever has the token, and to nobody else", async () => {
  await using server = await startMeasured();
  expect((await send(server.url, { path: "/metrics" })).status).toBe(401);
  const wrong = { authorization: `Bearer ${token}s` };
  expect((await send(server.url, { path: "/metrics", headers: wrong })).status).toBe(401);
  await server.samples();
});

it("has no metrics unless they are asked for", async () => {
  await using server = await startTestServer();
  const headers = { authorization: `Bearer ${token}` };
  expect((await send(server.url, { path: "/metrics", headers })).status).toBe(404);
});

it("counts calls by procedure and outcome, and errors by code, with labels that no caller chooses", async () => {
  await using server = await startMeasured();
  const signed = await server.signUp("ada@example.org");
  expect((await send(server.url, { path: "/api/v1/auth/me", headers: signed })).status).toBe(200);
  expect((await send(server.url, { path: "/api/v1/auth/me" })).status).toBe(401);
  expect((await send(server.url, { path: "/api/v1/predictions/risk-forecast?protocol=nobody" })).status).toBe(
    404,
  );
  expect((await send(server.url, { path: "/trpc/secrets.of.a.caller" })).status).toBe(404);
  const samples = await server.samples();
  expect(samples.get('obsqra_procedure_calls_total{procedure="auth.me",outcome="ok"}')).toBe(1);
  expect(samples.get('obsqra_procedure_calls_total{procedure="auth.me",outcome="refused"}')).toBe(1);
  expect(samples.get('obsqra_procedure_calls_total{procedure="auth.me",outcome="failed"}')).toBe(0);
  expect(samples.get('obsqra_procedure_duration_seconds_count{procedure="auth.me"}')).toBe(2);
  expect(samples.get('obsqra_errors_total{code="UNAUTHENTICATED"}')).toBe(1);
  expect(samples.get('obsqra_errors_total{code="PROTOCOL_UNKNOWN"}')).toBe(1);
  expect(samples.get('obsqra_http_responses_total{status="404"}')).toBe(2);
  expect([...samples.keys()].join("\n")).not.toMatch(/ada@|nobody|a\.caller/);
});

it("counts a bug as failed", async () => {
  const metrics = createMetrics();
  const bug = metrics.calls.measure("auth.me", async () => Promise.reject(new Error("a bug")));
  await expect(bug).rejects.toThrow("a bug");
  const samples = readSamples(await metrics.text());
  expect(samples.get('obsqra_procedure_calls_total{procedure="auth.me",outcome="failed"}')).toBe(1);
  expect(samples.get('obsqra_errors_total{code="INTERNAL_ERROR"}')).toBe(1);
});

it("counts statements for the call that has sent them, though others are under way", async () => {
  const { calls, statements, text } = createMetrics();
  const turn = Promise.withResolvers<void>();
  const first = calls.measure("a", async () => {
    await turn.promise;
    statements.onStatement(2, "select 1");
    statements.onStatement(3, "select 1");
  });
  const second = calls.measure("b", async () => {
    statements.onConnection(4);
    statements.onStatement(1, "select 1");
    turn.resolve();
  });
  await Promise.all([first, second]);
  statements.onStatement(1, "select 1");
  const samples = readSamples(await text());
  expect(samples.get('obsqra_procedure_statements_total{procedure="a"}')).toBe(2);
  expect(samples.get('obsqra_procedure_database_seconds_total{procedure="a"}')).toBe(0.005);
  expect(samples.get('obsqra_procedure_statements_total{procedure="b"}')).toBe(1);
  expect(samples.get('obsqra_procedure_connection_wait_seconds_total{procedure="b"}')).toBe(0.004);
  expect(samples.get("obsqra_background_statements_total")).toBe(1);
});

it("shows how the service goes: its checks, market data, models, record, log, jobs and deliveries", async () => {
  await using server = await startMeasured();
  const { db, clock } = server.api.deps;
  await withoutRules(db, async (trx) => {
    const target_at = clock();
    await trx
      .updateTable("predictions")
      .set({ actual_value: 50, actual_at: target_at, target_at })
      .where("on_record", "=", true)
      .execute();
  });
  const samples = await server.samples();
  expect(samples.get("obsqra_service_figures_up")).toBe(1);
  expect(samples.get("obsqra_ready")).toBe(1);
  expect(samples.get('obsqra_check{check="market_data"}')).toBe(1);
  const nowSeconds = clock().getTime() / 1_000;
  const observed = samples.get("obsqra_market_observed_until_timestamp_seconds") ?? 0;
  expect(nowSeconds - observed).toBeLessThan(3 * 86_400);
  expect(samples.get('obsqra_model_trained_timestamp_seconds{kind="yield"}')).toBeGreaterThan(1e9);
  expect(samples.get('obsqra_job_waiting{job_name="market.refresh"}')).toBe(0);
  expect(samples.get("obsqra_webhook_deliveries_pending")).toBe(0);
  expect(samples.has("obsqra_webhook_due_since_timestamp_seconds")).toBe(false);
  const record = '{kind="risk",granularity="protocol"}';
  const scored = samples.get(`obsqra_forecasts_scored_30d${record}`) ?? 0;
  expect(scored).toBeGreaterThan(0);
  expect(samples.get(`obsqra_forecast_interval_level_30d${record}`)).toBeCloseTo(0.9, 5);
  expect(samples.get(`obsqra_forecast_coverage_30d${record}`)).toBeLessThanOrEqual(1);
  expect(
    samples.get('obsqra_forecast_error_30d{kind="risk",granularity="protocol",source="served"}'),
  ).toBeGreaterThanOrEqual(0);
});

it.each(["ops/prometheus/rules.yml", "ops/grafana/**/*.json", "docs/operations.md"])(
  "shows every metric that %s names",
  async (pattern) => {
    const metrics = createMetrics();
    metrics.watchConnections(() => ({ open: 1, idle: 1, waiting: 0 }));
    await using server = await startTestServer();
    const { deps } = server.api;
    const database = { state: async () => "down" as const };
    watchService(metrics, { api: deps, health: healthParts({ api: deps, database, horizonDays: 7 }) });
    const shown = new Set([...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const named = metricsNamedIn(pattern);
    expect(named.size).toBeGreaterThan(10);
    expect([...named].filter((name) => !shown.has(name))).toEqual([]);
  },
);

it("counts what this process has made of jobs", async () => {
  const metrics = createMetrics();
  await using server = await startTestServer();
  const { db, clock, log } = server.api.deps;
  const failing = defineJob({
    name: "market.refresh",
    summary: "Fails",
    schema: z.object({}),
    run: () => Promise.reject(new Error("no")),
  });
  const engine = inject("databaseEngine");
  await using jobs = await runJobs({
    db,
    clock,
    log,
    engine,
    deps: {},
    jobs: [failing],
    onRun: metrics.onJobRun,
  });
  await jobs.send("market.refresh");
  await vi.waitUntil(async () =>
    readSamples(await metrics.text()).has('obsqra_job_runs_total{job_name="market.refresh",result="failed"}'),
  );
});

it("says only that it cannot read the service's figures while the database is away", async () => {
  const metrics = createMetrics();
  await using server = await startTestServer();
  const { deps } = server.api;
  const database = { state: async () => "down" as const };
  watchService(metrics, { api: deps, health: healthParts({ api: deps, database, horizonDays: 7 }) });
  const samples = readSamples(await metrics.text());
  expect(samples.get("obsqra_service_figures_up")).toBe(0);
  expect([...samples.keys()].filter((name) => /^obsqra_(ready|check|job_|log_|model_)/.test(name))).toEqual(
    [],
  );
});
