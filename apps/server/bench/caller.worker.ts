import { Agent, request as httpRequest } from "node:http";
import { parentPort } from "node:worker_threads";

/** Requests for the thread to send: one after the other on each of so many connections. */
export interface CallerTask {
  readonly connections: number;
  readonly requests: readonly CallerRequest[];
}

export interface CallerRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What came back of each request. */
export interface CallerResult {
  readonly responses: readonly { readonly status: number; readonly bytes: number }[];
}

parentPort?.on("message", async ({ connections, requests }: CallerTask) => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const responses = await Promise.all(requests.map((each) => send(agent, each)));
  agent.destroy();
  parentPort?.postMessage({ responses } satisfies CallerResult);
});

function send(agent: Agent, { url, body, ...options }: CallerRequest) {
  return new Promise<{ status: number; bytes: number }>((resolve) => {
    const request = httpRequest(url, { ...options, agent }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, bytes }));
      response.on("error", () => resolve({ status: 0, bytes }));
    });
    request.on("error", () => resolve({ status: 0, bytes: 0 }));
    request.end(body);
  });
}
