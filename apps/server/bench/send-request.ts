import { type Agent, request as httpRequest } from "node:http";

/** Sends a request and reads the whole response; gives its status, or 0 when the connection broke. */
export function sendRequest(
  url: URL,
  {
    body,
    ...options
  }: {
    readonly method: "GET" | "POST";
    readonly agent: Agent;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  },
): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const request = httpRequest(url, options, (response) => {
    response.resume();
    response.on("end", () => resolve(response.statusCode ?? 0));
    response.on("error", () => resolve(0));
  });
  request.on("error", () => resolve(0));
  request.end(body);
  return promise;
}
