import { randomBytes } from "node:crypto";
import autocannon from "autocannon";

/** A request as it is sent; `{unique}` in it becomes a number, in hexadecimal, that no other request has. */
export interface LoadRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** What is asked of a server: each connection sends its share of the requests in turn, one after the other, again and again. */
export interface LoadTask {
  readonly url: string;
  readonly connections: number;
  readonly requests: readonly LoadRequest[];
  /** How long, or how many requests in all. */
  readonly until: { readonly seconds: number } | { readonly amount: number };
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
process.on("message", async (task: LoadTask) => process.send?.(await load(task)));

const base = randomBytes(10).toString("hex");
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
    if (status < 200 || status > 299) failures[status] = (failures[status] ?? 0) + 1;
  });
  run.on("reqError", () => {
    failures.error = (failures.error ?? 0) + 1;
  });
  await promise;
  const { user, system } = process.cpuUsage(cpu);
  const sorted = Float64Array.from(timesMs).sort();
  return {
    responses: sorted.length,
    seconds: (last - begun) / 1000,
    p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    bytes,
    failures,
    clientCpuSeconds: (user + system) / 1e6,
  };
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
  if (!JSON.stringify(request).includes("{unique}")) return plain;
  return {
    ...plain,
    setupRequest: (defaults) => {
      sent += 1;
      const fill = (text: string) => text.replace("{unique}", `${base}${sent.toString(16).padStart(8, "0")}`);
      return {
        ...defaults,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)])),
        body: body && fill(body),
      };
    },
  };
}
