import { Agent } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import { sendRequest } from "./send-request.ts";

/** Logins that are sent to a server at the same moment. */
export interface LoginStorm {
  readonly url: string;
  readonly logins: readonly { readonly email: string; readonly password: string; readonly ip: string }[];
}

/** What came of it. */
export interface LoginStormResult {
  /** 0 where the connection broke. */
  readonly statuses: readonly number[];
  readonly lastedMs: number;
}

const { url, logins }: LoginStorm = workerData;
const agent = new Agent({ keepAlive: true });
const startedAt = performance.now();
const statuses = await Promise.all(
  logins.map(({ ip, ...login }) =>
    sendRequest(new URL("/api/v1/auth/login", url), {
      method: "POST",
      agent,
      headers: { "content-type": "application/json", "x-forwarded-for": ip },
      body: JSON.stringify(login),
    }),
  ),
);
const result: LoginStormResult = { statuses, lastedMs: performance.now() - startedAt };
parentPort?.postMessage(result);
agent.destroy();
