import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import type { OpenDatabase } from "@obsqra/db";
import { stateByAsking } from "@obsqra/db/testing";
import type { ApiDependencies } from "@obsqra/features";
import { createTestApi, type TestApi, type TestApiOptions } from "@obsqra/features/testing";
import type { FastifyInstance } from "fastify";
import { buildServer, type ServerParts } from "../../src/build-server.ts";
import { createLogger } from "../../src/logger.ts";
import { defaultServerLimits, type ServerLimits } from "../../src/server-limits.ts";

export interface TestServerOptions extends TestApiOptions {
  readonly env?: Partial<ServerParts["env"]>;
  readonly debug?: boolean;
  /** Instead of the default ones. The event loop may be delayed without an end: tests share a busy machine. */
  readonly limits?: Partial<ServerLimits>;
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** @default the dashboard is not there */
  readonly web?: ServerParts["web"];
  /** @default nothing is measured */
  readonly metricsRoute?: ServerParts["metricsRoute"];
  /** @default nothing is traced */
  readonly tracing?: ServerParts["tracing"];
  /** Instead of the parts of the test API. */
  readonly deps?: Partial<ApiDependencies>;
  /** @default the one of the test, which is up while it responds */
  readonly database?: Pick<OpenDatabase, "state">;
}

/** A server that listens on a free port, over a test API with a database of its own. */
export interface TestServer extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly api: TestApi;
  readonly url: string;
  /** Lines of the log so far. */
  readonly logLines: string[];
  /** Registers a user over REST; gives the header that signs their requests. */
  signUp(email: string): Promise<{ authorization: string }>;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const api = await createTestApi(options);
  const logLines: string[] = [];
  const logger = createLogger(
    { DEBUG: options.debug ?? false, ENVIRONMENT: "test" },
    { write: (line) => void logLines.push(line) },
  );
  const app = await buildServer({
    api: { ...api.deps, log: logger, ...options.deps },
    database: options.database ?? stateByAsking(options.deps?.db ?? api.deps.db),
    env: {
      ENVIRONMENT: "test",
      APP_URL: undefined,
      CORS_ORIGINS: undefined,
      GRAPHQL: true,
      GRAPHQL_INTROSPECTION: undefined,
      GRAPHQL_OPERATIONS: undefined,
      MCP: true,
      PREDICTION_WINDOW_DAYS: 7,
      TRUSTED_PROXIES: [],
      ...options.env,
    },
    logger,
    web: options.web,
    metricsRoute: options.metricsRoute,
    tracing: options.tracing,
    limits: {
      ...defaultServerLimits,
      eventLoopDelayMs: Number.POSITIVE_INFINITY,
      requestsPerSecondOfAddress: 1_000_000_000,
      ...options.limits,
    },
  });
  await app.listen({ host: options.host ?? "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    app,
    api,
    url,
    logLines,
    signUp: (email) => signUp(url, email),
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await api[Symbol.asyncDispose]();
    },
  };
}

export const password = "correct horse battery";

async function signUp(url: string, email: string): Promise<{ authorization: string }> {
  const response = await fetch(`${url}/api/v1/auth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password, full_name: "Ada" }),
  });
  const { access_token } = (await response.json()) as { access_token: string };
  return { authorization: `Bearer ${access_token}` };
}

/** What came back, read completely. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

/** Sends a request exactly as it stands: unlike `fetch`, nothing in the path is corrected. */
export async function send(url: string, { method = "GET", path, headers = {}, body }: RawRequest) {
  const { promise, resolve, reject } = Promise.withResolvers<WireResponse>();
  const { hostname, port } = new URL(url);
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const request = httpRequest(
    { hostname, port, method, path, headers: { ...length, ...headers }, agent: false },
    (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const pairs = Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        );
        resolve({
          status: response.statusCode ?? 0,
          headers: new Headers(pairs),
          body: Buffer.concat(chunks).toString(),
        });
      });
    },
  );
  request.on("error", reject);
  // As bytes: Node would write the headers in the encoding of a text.
  request.end(body === undefined ? undefined : Buffer.from(body));
  return promise;
}

/** Sends JSON, or text that pretends to be. */
export function sendJson(
  url: string,
  request: Omit<RawRequest, "body"> & { readonly json: unknown },
): Promise<WireResponse> {
  const { json, headers, ...rest } = request;
  const body = typeof json === "string" ? json : JSON.stringify(json);
  return send(url, {
    method: "POST",
    ...rest,
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}
