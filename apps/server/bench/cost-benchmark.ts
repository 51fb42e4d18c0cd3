import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { listCalls, type NamedEndpoint } from "@obsqra/contract";
import type { Benchmark, BenchmarkRow } from "../../../scripts/bench/benchmark.ts";
import { bytesPerPoint } from "../src/charge-bytes.ts";
import { mostExpensiveInputs } from "../test/cost/most-expensive-inputs.ts";
import type { CallerRequest, CallerResult, CallerTask } from "./caller.worker.ts";
import {
  type CostServer,
  historyDays,
  markets,
  protocols,
  startCostServer,
  suggestions,
  transactions,
} from "./cost-server.ts";
import type { SteadyUser, SteadyUserResult } from "./steady-user.worker.ts";
import { watchTurns } from "./watch-turns.ts";

const turnBarMs = 50;
const pointBarMs = 20;
const waitBarMs = 200;
const batchSize = 20;
const rounds = 7;
const warmUps = 5;

/** How long one caller can hold the event loop, and how long another one waits meanwhile. */
export const costBenchmark: Benchmark = {
  name: "cost",
  title: "What one caller can make the server do",
  description: `An embedded database, which shares the thread that serves requests; ${markets} markets of ${protocols} protocols with ${historyDays} days of
history; a user with ${transactions} transactions of 1,000 values and ${suggestions} suggestions over ${protocols} protocols. Every endpoint is called with its most expensive
input (\`test/cost/most-expensive-inputs.ts\`), over REST and as a batch over tRPC, as large as it may be, without limits of calls. A turn is a
round of the event loop, measured by the processor time of its thread, so that the machine's other work is not in it; the
longest of each of ${rounds} calls after ${warmUps} others, of which the median is shown. Milliseconds per point are processor time of the
same thread over the points that the call costs, bytes included. What is measured of an endpoint that refuses the
second call, such as one that takes a token, is the refusal.

Waiting is real time: one user spends all points of a minute at once, by batches on four connections, while another asks for
\`auth.me\` every 50 ms.`,
  run: measure,
};

async function measure(report: (line: string) => void): Promise<readonly BenchmarkRow[]> {
  await using server = await startCostServer(report);
  const client = new Worker(new URL("./caller.worker.ts", import.meta.url));
  const ask = async (task: CallerTask): Promise<CallerResult> => {
    client.postMessage(task);
    const [result] = (await once(client, "message")) as [CallerResult];
    return result;
  };
  try {
    const rows: BenchmarkRow[] = [];
    for (const path of greedyPaths) {
      report(`cost: waiting while ${path} uses up a user's points`);
      rows.push(await waitingRow(server, ask, path));
    }
    let number = 0;
    for (const named of listCalls().filter(({ path }) => !endsTheSession.has(path))) {
      report(`cost: ${named.path}`);
      rows.push(await endpointRow(server, ask, { named, nextNumber: () => (number += 1) }));
    }
    return rows;
  } finally {
    await client.terminate();
  }
}

type Ask = (task: CallerTask) => Promise<CallerResult>;

/** Whoever calls them cannot call anything else afterwards with the same token; they write one row each. */
const endsTheSession = new Set([
  "auth.reauthenticate",
  "auth.logout",
  "auth.logout_everywhere",
  "auth.change_password",
  "users.schedule_deletion",
]);

/** What a user who wants to hold up others would call. */
const greedyPaths = [
  "transactions.list",
  "transactions.create",
  "users.export_records",
  "analytics.risk_history",
  "predictions.what_if",
  "predictions.rebalance_suggestions",
];

async function endpointRow(
  server: CostServer,
  ask: Ask,
  { named, nextNumber }: { readonly named: NamedEndpoint; readonly nextNumber: () => number },
): Promise<BenchmarkRow> {
  const from = { server, url: server.url, token: server.ada };
  const single = () => toRest(from, named, nextNumber());
  const batch = () => toBatch(from, named, Array.from({ length: batchSize }, nextNumber));
  const alone = await measureCalls(ask, single);
  const together = await measureCalls(ask, batch);
  const points = (named.endpoint.weight ?? 1) + Math.floor(alone.bytes / bytesPerPoint);
  const perPoint = alone.totalMs / points;
  const met = alone.longestMs <= turnBarMs && together.longestMs <= turnBarMs && perPoint <= pointBarMs;
  return {
    work: named.path,
    measured: `longest turn ${alone.longestMs.toFixed(1)} ms, in a batch ${together.longestMs.toFixed(1)} ms; ${perPoint.toFixed(1)} ms per point, ${(alone.bytes / 1024).toFixed(0)} KiB, status ${alone.status}`,
    bar: `≤ ${turnBarMs} ms, ≤ ${pointBarMs} ms per point`,
    met,
    peer: "",
  };
}

async function measureCalls(ask: Ask, request: () => CallerRequest) {
  const found = [];
  let last: CallerResult["responses"][number] = { status: 0, bytes: 0 };
  for (let round = -warmUps; round < rounds; round += 1) {
    const turns = await watchTurns(async () => {
      const { responses } = await ask({ connections: 1, requests: [request()] });
      last = responses[0] ?? last;
    });
    if (round >= 0) found.push(turns);
  }
  return {
    ...last,
    longestMs: median(found.map(({ longestMs }) => longestMs)),
    totalMs: median(found.map(({ totalMs }) => totalMs)),
  };
}

async function waitingRow(server: CostServer, ask: Ask, path: string): Promise<BenchmarkRow> {
  const named = listCalls().find((each) => each.path === path);
  if (named === undefined) throw new Error(`There is no endpoint ${path}.`);
  await using limited = await server.startLimited();
  const { url } = limited;
  const from = { server, url, token: server.ada };
  const workerData: SteadyUser = { url, authorization: `Bearer ${server.eve}`, periodMs: 50 };
  const steady = new Worker(new URL("./steady-user.worker.ts", import.meta.url), { workerData });
  const calls = Math.floor(600 / (named.endpoint.weight ?? 1));
  const requests = Array.from({ length: Math.ceil(calls / batchSize) }, (_, batch) =>
    toBatch(
      from,
      named,
      Array.from({ length: batchSize }, (_, place) => 10_000_000 + batch * batchSize + place),
    ),
  );
  const started = performance.now();
  let sent: CallerResult["responses"] = [];
  const turns = await watchTurns(async () => {
    sent = (await ask({ connections: 4, requests })).responses;
  });
  const tookMs = performance.now() - started;
  steady.postMessage("stop");
  const [{ timesMs, statuses }] = (await once(steady, "message")) as [SteadyUserResult];
  const p99 = percentile(timesMs, 0.99);
  const isServed = statuses.every((status) => status === 200 || status === 429);
  return {
    work: `another user's auth.me while ${path} uses up a user's points`,
    measured: `p50 ${percentile(timesMs, 0.5).toFixed(0)}, p99 ${p99.toFixed(0)} ms of ${timesMs.length} calls in ${(tookMs / 1000).toFixed(1)} s; longest turn ${turns.longestMs.toFixed(0)} ms; statuses ${[...new Set(sent.map(({ status }) => status))].join(", ")}`,
    bar: `p99 ≤ ${waitBarMs} ms`,
    met: isServed && p99 <= waitBarMs,
    peer: "",
  };
}

interface From {
  readonly server: CostServer;
  readonly url: string;
  readonly token: string;
}

function toRest(
  { server, url, token }: From,
  { path, endpoint }: NamedEndpoint,
  number: number,
): CallerRequest {
  const input = mostExpensiveInputs[path]?.(server.world, number) as Record<string, unknown> | undefined;
  const { method } = endpoint.rest;
  const filled = endpoint.rest.path.replace(/:(\w+)/g, (_, name: string) => String(input?.[name]));
  const hasBody = method === "POST" || method === "PUT";
  const query =
    hasBody || input === undefined
      ? ""
      : `?${new URLSearchParams(Object.entries(input).map(([name, value]): [string, string] => [name, String(value)]))}`;
  const body = hasBody && input !== undefined ? JSON.stringify(input) : undefined;
  return { url: `${url}/api/v1${filled}${query}`, method, headers: headersOf(token, body), body };
}

function toBatch(
  { server, url, token }: From,
  { path, endpoint }: NamedEndpoint,
  numbers: number[],
): CallerRequest {
  const inputs: Record<string, unknown> = {};
  let bytes = 0;
  const sent: string[] = [];
  for (const number of numbers) {
    const input = mostExpensiveInputs[path]?.(server.world, number);
    bytes += JSON.stringify(input ?? null).length + 10;
    // A body has room for 64 KiB, and a batch for calls of 100 points.
    if (bytes > 64_000 || (sent.length + 1) * (endpoint.weight ?? 1) > 100) break;
    inputs[sent.length] = input;
    sent.push(path);
  }
  const address = `${url}/trpc/${sent.join(",")}?batch=1`;
  const text = JSON.stringify(inputs);
  if (endpoint.kind === "mutation") {
    return { url: address, method: "POST", headers: headersOf(token, text), body: text };
  }
  return {
    url: `${address}&input=${encodeURIComponent(text)}`,
    method: "GET",
    headers: headersOf(token, undefined),
    body: undefined,
  };
}

function headersOf(token: string, body: string | undefined): Record<string, string> {
  const authorization = `Bearer ${token}`;
  if (body === undefined) return { authorization };
  return {
    authorization,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
  };
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
