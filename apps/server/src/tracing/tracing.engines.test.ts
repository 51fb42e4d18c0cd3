import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "@obsqra/db";
import { createResolve, postGuarded } from "@obsqra/http";
import { defineJob, runJobs } from "@obsqra/platform";
import { expect, inject, it, vi } from "vitest";
import { z } from "zod";
import { send, startTestServer } from "../../test/wire/start-test-server.ts";
import { createLogger } from "../logger.ts";
import { createTracing, type FinishedSpan } from "./create-tracing.ts";
import { openTracing } from "./open-tracing.ts";
import { createSpanExporter } from "./otlp-exporter.ts";
import { parseTraceparent } from "./trace-context.ts";
import { traceFetch, tracePosts } from "./trace-outgoing.ts";

const caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

/** A span as it is sent. */
const sentSpan = z.object({
  traceId: z.string().length(32),
  spanId: z.string().length(16),
  parentSpanId: z.string().length(16).optional(),
  name: z.string(),
  kind: z.int(),
  startTimeUnixNano: z.string().regex(/^\d{19}$/),
  endTimeUnixNano: z.string().regex(/^\d{19}$/),
  attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.string()) })),
  status: z.object({ code: z.int().optional() }),
});
const sent = z.object({
  resourceSpans: z.tuple([
    z.object({
      resource: z.unknown(),
      scopeSpans: z.tuple([z.object({ scope: z.unknown(), spans: z.array(sentSpan) })]),
    }),
  ]),
});

/** What takes requests on this machine, and keeps them. */
async function startReceiver() {
  const requests: { path: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer(async (req, res) => {
    let body = "";
    for await (const chunk of req) body += chunk;
    requests.push({ path: req.url, headers: req.headers, body });
    res.end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  // Safe: it listens on a port.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    spans: () =>
      requests.flatMap(({ body }) => sent.parse(JSON.parse(body)).resourceSpans[0].scopeSpans[0].spans),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

it("follows a request into its procedure and statements, goes on with the caller's trace, and sends it without values", async () => {
  await using collector = await startReceiver();
  const exporter = createSpanExporter({
    endpoint: `${collector.url}/`,
    headers: { authorization: "Bearer abc" },
    serviceName: "obsqra-server",
    fetch,
    warn: expect.fail,
  });
  const tracing = createTracing({ sampling: 1, record: exporter.record });
  const lines: string[] = [];
  const log = createLogger(
    { DEBUG: false, ENVIRONMENT: "development" },
    { write: (line) => void lines.push(line) },
    { mixin: tracing.current },
  );
  const folder = await mkdtemp(join(tmpdir(), "obsqra-tracing-"));
  const listened = await openDatabase(
    inject("databaseEngine") === "postgres"
      ? { url: inject("postgresUrl"), pool: { size: 1 } }
      : { dataDirectory: join(folder, "data"), durability: "relaxed" },
    { statements: tracing.statements },
  );
  const { measure } = tracing.calls;
  await using server = await startTestServer({
    tracing,
    deps: {
      callMeter: {
        measure: (path, call) =>
          measure(path, async () => {
            log.info({}, "called");
            await listened.db.selectNoFrom(({ val }) => val("a secret").as("value")).execute();
            return call();
          }),
      },
    },
  });
  const response = await fetch(`${server.url}/api/v1/auth/login`, {
    method: "POST",
    headers: { traceparent: caller, "content-type": "application/json" },
    body: JSON.stringify({ email: "nobody@example.org", password: "correct horse battery" }),
  });
  expect(response.status).toBe(401);
  await send(server.url, { path: "/health" });
  await vi.waitUntil(async () => {
    await exporter.flush();
    return collector.spans().some(({ kind }) => kind === 2);
  });
  await listened.close();
  await rm(folder, { recursive: true });
  await exporter[Symbol.asyncDispose]();

  const [request] = collector.requests;
  expect(request).toMatchObject({ path: "/v1/traces", headers: { authorization: "Bearer abc" } });
  expect(request?.body).toContain('{"key":"service.name","value":{"stringValue":"obsqra-server"}}');
  const spans = collector.spans();
  const named = (name: string) => spans.find((span) => span.name === name);
  const http = named("POST /api/v1/auth/login");
  const procedure = named("auth.login");
  expect(http).toMatchObject({ traceId, parentSpanId: "00f067aa0ba902b7", kind: 2 });
  expect(procedure).toMatchObject({ traceId, parentSpanId: http?.spanId, status: {} });
  expect(named("SELECT")).toMatchObject({ traceId, parentSpanId: procedure?.spanId, kind: 3 });
  expect(spans).toHaveLength(3);
  expect(JSON.stringify(spans)).not.toMatch(/a secret|nobody@|correct horse/);
  expect(JSON.parse(lines[0] ?? "{}")).toMatchObject({ trace_id: traceId, span_id: procedure?.spanId });
});

it("follows jobs, webhooks and what else is asked, and lets receivers go on with the trace", async () => {
  const spans: FinishedSpan[] = [];
  const tracing = createTracing({ sampling: 1, record: (span) => void spans.push(span) });
  await using receiver = await startReceiver();
  await using server = await startTestServer();
  const rules = "any";
  const post = tracePosts(
    (request) => postGuarded(request, { rules, resolve: createResolve(rules) }),
    tracing,
  );
  const job = defineJob({
    name: "market.refresh",
    summary: "Sends",
    schema: z.object({}),
    run: async () => {
      await post({ url: `${receiver.url}/key-in-path`, headers: {}, body: "{}" });
      await traceFetch(fetch, tracing)(`${receiver.url}/key-in-path`);
      throw new Error("no");
    },
  });
  const { db, clock, log } = server.api.deps;
  const engine = inject("databaseEngine");
  const aroundRun = tracing.runJob;
  await using jobs = await runJobs({ db, clock, log, engine, deps: {}, jobs: [job], aroundRun });
  await jobs.send("market.refresh");
  await vi.waitUntil(() => spans.some(({ name }) => name === "job market.refresh"));
  const [posted, fetched, run] = spans;
  expect(run).toMatchObject({ kind: "consumer", parentSpanId: undefined, isError: true });
  for (const [index, span] of [posted, fetched].entries()) {
    expect(span).toMatchObject({
      kind: "client",
      traceId: run?.traceId,
      parentSpanId: run?.spanId,
      isError: false,
    });
    const header = receiver.requests[index]?.headers.traceparent;
    expect(parseTraceparent(header)).toMatchObject({ traceId: run?.traceId, spanId: span?.spanId });
  }
  expect(JSON.stringify(spans)).not.toContain("key-in-path");
});

it("records the share that is asked for, and lets nobody but trusted proxies ask for more", () => {
  const spans: FinishedSpan[] = [];
  const { beginRequest } = createTracing({ sampling: 0, record: (span) => void spans.push(span) });
  beginRequest({ traceparent: undefined, isTrusted: true }).end();
  beginRequest({ traceparent: caller, isTrusted: false }).end();
  expect(spans).toEqual([]);
  beginRequest({ traceparent: caller, isTrusted: true }).end();
  expect(spans).toMatchObject([{ traceId, parentSpanId: "00f067aa0ba902b7" }]);
});

it.each([
  ["nothing", undefined],
  ["two", [caller, caller]],
  ["no id", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"],
  ["more than the version has", `${caller}-00`],
  ["a version that there is not", caller.replace(/^00/, "ff")],
  ["capitals", caller.toUpperCase()],
])("begins a trace of its own where the header says %s", (_what, header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});

it("goes on while nobody collects, says so once, and has none unless they are asked for", async () => {
  const warn = vi.fn();
  const exporter = createSpanExporter({
    endpoint: "http://127.0.0.1:1",
    headers: {},
    serviceName: "obsqra-server",
    fetch,
    warn,
  });
  const { beginRequest } = createTracing({ sampling: 1, record: exporter.record });
  for (let turn = 0; turn < 2; turn += 1) {
    beginRequest({ traceparent: undefined, isTrusted: false }).end();
    await exporter.flush();
  }
  await exporter[Symbol.asyncDispose]();
  expect(warn).toHaveBeenCalledOnce();
  const none = { OTEL_EXPORTER_OTLP_ENDPOINT: undefined };
  expect(
    await openTracing(
      { ...none, OTEL_EXPORTER_OTLP_HEADERS: undefined, OTEL_TRACES_SAMPLER_ARG: undefined },
      "obsqra-server",
      warn,
    ),
  ).toBeUndefined();
});
