import { Agent } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import { sendRequest } from "./send-request.ts";

/** A user who asks at a steady rate, whether or not earlier requests have their response, until a message comes. */
export interface SteadyUser {
  readonly url: string;
  readonly authorization: string;
  readonly periodMs: number;
}

/** What the user saw. */
export interface SteadyUserResult {
  /** From when each request was due until its response, in milliseconds. */
  readonly timesMs: readonly number[];
  /** 0 where the connection broke. */
  readonly statuses: readonly number[];
}

const { url, authorization, periodMs }: SteadyUser = workerData;
// As many connections as a browser has.
const agent = new Agent({ keepAlive: true, maxSockets: 6 });
const calls: Promise<{ timeMs: number; status: number }>[] = [];
const firstAt = performance.now();
const timer = setInterval(() => {
  while (firstAt + calls.length * periodMs <= performance.now()) calls.push(ask(calls.length));
}, 1);
parentPort?.once("message", async () => {
  clearInterval(timer);
  const all = await Promise.all(calls);
  const result: SteadyUserResult = {
    timesMs: all.map(({ timeMs }) => timeMs),
    statuses: all.map(({ status }) => status),
  };
  parentPort?.postMessage(result);
  agent.destroy();
});

async function ask(index: number): Promise<{ timeMs: number; status: number }> {
  const status = await sendRequest(new URL("/api/v1/auth/me", url), {
    method: "GET",
    agent,
    headers: { authorization },
  });
  return { status, timeMs: performance.now() - (firstAt + index * periodMs) };
}
