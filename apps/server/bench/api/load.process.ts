import { randomBytes } from "node:crypto";
import { Agent } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import autocannon from "autocannon";
import { sendRequest } from "../send-request.ts";

/** A request as it is sent; `{unique}` in it becomes a number of 62 hexadecimal digits that no other request has. */
export interface LoadRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/**
 * What is asked of a server: each connection sends its share of the requests in turn, one after the other, again and again; or
 * requests are sent at a steady rate, whatever has come back.
 */
export interface LoadTask {
  readonly url: string;
  readonly connections: number;
  readonly requests: readonly LoadRequest[];
  /** How long, or how many requests in all. */
  readonly until: { readonly seconds: number } | { readonly amount: number };
  /** The steady rate; undefined for as many as come back. */
  readonly perSecond?: number | undefined;
}

/** What the clients saw. */
export interface LoadResult {
  readonly responses: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all responses, headers included. */
  readonly bytes: number;
  /** Responses that are no success, by status; and `error` for those that never came. */
  readonly failures: Readonly<Record<string, number>>;
  /** Processor time of the clients. */
  readonly clientCpuSeconds: number;
}

// A process of its own, so that the clients take nothing from whoever measures, and nothing is measured of them.
process.on("message", async (task: LoadTask) => {
  process.send?.(await (task.perSecond === undefined ? load(task) : loadSteadily(task, task.perSecond)));
});

const base = randomBytes(27).toString("hex");
let sent = 0;

async function load({ url, connections, requests, until }: LoadTask): Promise<LoadResult> {
  const { promise, resolve, reject } = Promise.withResolvers<autocannon.Result>();
  const shares = share(requests, connections);
  const cpu = process.cpuUsage();
  let connected = 0;
  const run = autocannon(
    {
      url,
      connections,
      ...("seconds" in until ? { duration: until.seconds } : { amount: until.amount }),
      sampleInt: 100,
      // Ours closes a connection after its thousandth response, in the middle of what autocannon sends next: it would take the
      // time of that request for those of all later ones.
      reconnectRate: 900,
      setupClient: (client) => {
        client.setRequests((shares[connected % shares.length] ?? []).map(toRequest));
        connected += 1;
      },
    },
    (error: unknown, result) => (error ? reject(error) : resolve(result)),
  );
  const timesMs: number[] = [];
  const failures: Record<string, number> = {};
  let bytes = 0;
  const begun = performance.now();
  let last = begun;
  run.on("response", (_client, status, size, timeMs) => {
    last = performance.now();
    timesMs.push(timeMs);
    bytes += size;
    if (!isSuccess(status)) failures[status] = (failures[status] ?? 0) + 1;
  });
  run.on("reqError", () => {
    failures.error = (failures.error ?? 0) + 1;
  });
  await promise;
  return toResult(timesMs, { seconds: (last - begun) / 1000, bytes, failures, cpu });
}

/** autocannon sends a whole second's requests at its beginning, which is no steady load. Bytes are not counted. */
async function loadSteadily(
  { url, connections, requests, until }: LoadTask,
  perSecond: number,
): Promise<LoadResult> {
  const amount = "amount" in until ? until.amount : Math.ceil(until.seconds * perSecond);
  const cpu = process.cpuUsage();
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const timesMs: number[] = [];
  const failures: Record<string, number> = {};
  const sendOne = async (request: LoadRequest) => {
    const { method, path, headers, body } = fill(request);
    const begun = performance.now();
    const sentBody = body === undefined ? {} : { body };
    const status = await sendRequest(new URL(path, url), { method, agent, headers, ...sentBody });
    timesMs.push(performance.now() - begun);
    if (!isSuccess(status)) failures[status] = (failures[status] ?? 0) + 1;
  };
  const begun = performance.now();
  const pending: Promise<void>[] = [];
  for (let index = 0; index < amount; index += 1) {
    const dueInMs = begun + (index * 1000) / perSecond - performance.now();
    if (dueInMs > 0) await wait(dueInMs);
    const request = requests[index % requests.length];
    if (request !== undefined) pending.push(sendOne(request));
  }
  await Promise.all(pending);
  agent.destroy();
  return toResult(timesMs, { seconds: (performance.now() - begun) / 1000, bytes: Number.NaN, failures, cpu });
}

function toResult(
  timesMs: readonly number[],
  { cpu, ...rest }: Pick<LoadResult, "seconds" | "bytes" | "failures"> & { readonly cpu: NodeJS.CpuUsage },
): LoadResult {
  const { user, system } = process.cpuUsage(cpu);
  const sorted = Float64Array.from(timesMs).sort();
  return {
    ...rest,
    responses: sorted.length,
    p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    clientCpuSeconds: (user + system) / 1e6,
  };
}

/** Not 207, by which tRPC says that a part of a batch is none. */
function isSuccess(status: number): boolean {
  return status === 200 || status === 201;
}

/** Deals the requests out, so that no two connections send the same. */
function share(requests: readonly LoadRequest[], connections: number): LoadRequest[][] {
  const hands = Array.from({ length: Math.min(connections, requests.length) }, (): LoadRequest[] => []);
  for (const [index, request] of requests.entries()) hands[index % hands.length]?.push(request);
  return hands;
}

function toRequest(request: LoadRequest): autocannon.Request {
  const { method, path, headers, body } = request;
  const plain = { method, path, headers: { ...headers }, body };
  if (!isToBeFilled(request)) return plain;
  return {
    ...plain,
    setupRequest: (defaults) => {
      const filled = fill(request);
      return { ...defaults, headers: { ...filled.headers }, body: filled.body };
    },
  };
}

const place = "{unique}";

function isToBeFilled({ headers, body = "" }: LoadRequest): boolean {
  return body.includes(place) || Object.values(headers).includes(place);
}

/** The request with a number of its own, the same in body and headers. */
function fill(request: LoadRequest): LoadRequest {
  if (!isToBeFilled(request)) return request;
  sent += 1;
  const number = `${base}${sent.toString(16).padStart(8, "0")}`;
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    value.replace(place, number),
  ]);
  return { ...request, headers: Object.fromEntries(headers), body: request.body?.replace(place, number) };
}
