import { request as httpRequest, type IncomingMessage } from "node:http";

/** One server-sent event, as the specification of EventSource reads it. */
interface ServerEvent {
  /** The id that the reader would send back from here on. */
  readonly lastId: string | undefined;
  /** `message` unless the server names another. */
  readonly name: string;
  readonly data: string;
}

/** A stream that is read over plain HTTP. */
export interface StreamReader extends Disposable {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** In milliseconds, as the server has said last. */
  readonly retryMs: () => number | undefined;
  /** The id that the reader would send back now. */
  readonly lastId: () => string | undefined;
  /** Waits for the next event; undefined at the end. */
  next(): Promise<ServerEvent | undefined>;
  /** Waits for the next message with data, as JSON; passes over everything else. */
  message<TData = { readonly id: string; readonly type: string; readonly subject: string }>(): Promise<
    TData | undefined
  >;
  /** The whole body of a response that is no stream. */
  text(): Promise<string>;
  /** Stops taking bytes from the connection, as a reader does that is busy. */
  pause(): void;
  resume(): void;
}

export async function readStream(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): Promise<StreamReader> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const method = body === undefined ? "GET" : "POST";
  const request = httpRequest(url, { method, headers, agent: false }, resolve);
  request.once("error", reject);
  request.end(body);
  const response = await promise;
  response.setEncoding("utf8");
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<string>;
  let text = "";
  let retryMs: number | undefined;
  let lastId: string | undefined;

  async function next(): Promise<ServerEvent | undefined> {
    while (true) {
      const end = text.indexOf("\n\n");
      if (end === -1) {
        // A connection that breaks off ends a stream, too.
        const chunk = await chunks.next().catch(() => ({ done: true, value: "" }));
        if (chunk.done) return undefined;
        text += chunk.value;
        continue;
      }
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name: string) => {
        const found = lines.findLast((line) => line.startsWith(`${name}:`));
        return found?.slice(name.length + 1).replace(/^ /, "");
      };
      const retry = field("retry");
      if (retry !== undefined) retryMs = Number(retry);
      lastId = field("id") ?? lastId;
      const data = field("data");
      if (data !== undefined) return { lastId, name: field("event") ?? "message", data };
    }
  }

  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    retryMs: () => retryMs,
    lastId: () => lastId,
    next,
    message: async <TData>() => {
      for (let event = await next(); event !== undefined; event = await next()) {
        if (event.name === "message") return JSON.parse(event.data) as TData;
      }
      return undefined;
    },
    text: async () => {
      for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) text += chunk.value;
      return text;
    },
    pause: () => void response.socket.pause(),
    resume: () => void response.socket.resume(),
    [Symbol.dispose]: () => void request.destroy(),
  };
}
