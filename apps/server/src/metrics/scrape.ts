import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The text format of Prometheus. */
export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

/** Whether a request has the token. Takes as long whatever is wrong with it. */
export function isAuthorized(authorization: string | undefined, token: string): boolean {
  const [, given = ""] = /^Bearer (.+)$/i.exec(authorization ?? "") ?? [];
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}

/** Where metrics are read, on a port of their own. */
export interface ScrapeServer extends AsyncDisposable {
  readonly port: number;
}

/** Who may read metrics, and what they read. */
export interface ScrapeParts {
  readonly host: string;
  readonly port: number;
  /** @default everybody who reaches the port */
  readonly token: string | undefined;
  readonly text: () => Promise<string>;
  /** Hears why metrics could not be read. */
  readonly onError: (error: unknown) => void;
}

/** Serves `GET /metrics`, and nothing else, on a port of its own. @throws the error of listening */
export async function serveScrapes({ host, port, token, text, onError }: ScrapeParts): Promise<ScrapeServer> {
  const server = createServer((request, response) => {
    const end = (status: number, body: string, headers = {}) =>
      response
        .writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers })
        .end(request.method === "HEAD" ? undefined : body);
    request.resume();
    const [path] = (request.url ?? "").split("?", 1);
    if (path !== "/metrics") return void end(404, "Metrics are at /metrics.\n");
    if (request.method !== "GET" && request.method !== "HEAD")
      return void end(405, "Use GET.\n", { allow: "GET, HEAD" });
    if (token !== undefined && !isAuthorized(request.headers.authorization, token))
      return void end(401, "This takes METRICS_TOKEN as a bearer token.\n", { "www-authenticate": "Bearer" });
    text().then(
      (body) => void end(200, body, { "content-type": metricsType }),
      (error: unknown) => {
        onError(error);
        end(500, "The metrics could not be read: the log says why.\n");
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}
