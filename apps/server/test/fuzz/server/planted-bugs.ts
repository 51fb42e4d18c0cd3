import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";

/** Bugs that a server can be given, to see that the fuzzer finds them. */
export type PlantedBug =
  | "an error nobody expected"
  | "a field too many"
  | "a field too few"
  | "an undeclared error"
  | "internals in an error"
  | "no response"
  | "two responses"
  | "another user's amount"
  | "memory that is never given back";

/** What the planted bugs happen to: reads of the transactions, on both protocols. */
const bugged = /^\/(api\/v1\/transactions|trpc\/transactions\.)/;

/**
 * Makes a server's bug switchable. Bugs are put in front of Fastify, because the layers above could not make most of
 * them: outputs pass through their schemas, and errors through the catalogue.
 *
 * @returns sets the bug, or takes it away
 */
export function plantBugs(app: FastifyInstance): (bug: PlantedBug | undefined) => void {
  let planted: PlantedBug | undefined;
  const kept: unknown[] = [];
  app.server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    if (planted === "memory that is never given back") kept.push(new Array(20_000).fill(request.url));
    if (planted === undefined || request.method !== "GET" || !bugged.test(request.url ?? "")) return;
    changeResponse(response, planted);
  });
  return (bug) => {
    planted = bug;
  };
}

function changeResponse(response: ServerResponse, bug: PlantedBug): void {
  const { writeHead, end } = response;
  let status = 0;
  let headers: Record<string, string | number> = {};
  // Fastify calls both with these arguments and no others.
  Object.assign(response, {
    writeHead: (code: number, given: Record<string, string | number>) => {
      status = code;
      headers = given;
      return response;
    },
    end: (body: string | null) => {
      const changed = bodyWith(bug, status, body ?? "");
      if (changed === undefined) return response;
      writeHead.call(response, changed.status, {
        ...headers,
        "content-length": Buffer.byteLength(changed.body),
      });
      if (bug === "two responses") response.socket?.write(`HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`);
      return end.call(response, changed.body, "utf8");
    },
  });
}

function bodyWith(
  bug: PlantedBug,
  status: number,
  body: string,
): { readonly status: number; readonly body: string } | undefined {
  const same = { status, body };
  switch (bug) {
    case "no response":
      return undefined;
    case "an error nobody expected":
      return { status: 500, body: "Internal Server Error" };
    case "a field too many":
      return { status, body: body.replaceAll(/\{"id":/g, '{"password_hash":"x","id":') };
    case "a field too few":
      return { status, body: body.replaceAll(/"amount":"[^"]*",/g, "") };
    case "an undeclared error":
      return { status, body: body.replaceAll("TRANSACTION_NOT_FOUND", "WALLET_NOT_FOUND") };
    case "internals in an error":
      return { status, body: body.replaceAll(/"detail":"/g, '"detail":"in /app/index.ts: ') };
    case "another user's amount":
      return { status, body: body.replaceAll(/"amount":"[^"]*"/g, '"amount":"31.4"') };
    case "two responses":
    case "memory that is never given back":
      return same;
  }
}
