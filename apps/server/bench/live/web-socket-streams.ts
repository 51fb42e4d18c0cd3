import { once } from "node:events";
import type { AppRouter } from "@obsqra/client";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { WebSocket } from "ws";
import type { OpenStreams } from "./subscribers.process.ts";

/** Opens streams on one WebSocket: by tRPC's own link where events are looked at, else as the link would. */
export async function openWebSocket(streams: OpenStreams): Promise<void> {
  if (streams.look === undefined) await countMessages(streams);
  else await readByLink(streams, streams.look);
}

function readByLink(
  { url, reader, noteOpen, noteClosed }: OpenStreams,
  look: NonNullable<OpenStreams["look"]>,
): Promise<unknown> {
  const { authorization, address } = reader;
  class FromAddress extends WebSocket {
    constructor(to: string) {
      super(to, { headers: { "x-forwarded-for": address } });
    }
  }
  const client = createTRPCClient<AppRouter>({
    links: [
      wsLink({
        client: createWSClient({
          url: `${url}/trpc`,
          connectionParams: { authorization },
          // The browser's, as far as the link uses it.
          WebSocket: FromAddress as unknown as typeof globalThis.WebSocket,
        }),
      }),
    ],
  });
  const opening = Array.from({ length: reader.streams }, () => {
    const opened = Promise.withResolvers<void>();
    client.events.follow.subscribe(undefined, {
      onData: ({ data }) => {
        if (data.type === "stream.opened") {
          noteOpen();
          opened.resolve();
        } else look(data);
      },
      onError: (error) => {
        opened.reject(error);
        noteClosed();
      },
      onComplete: noteClosed,
    });
    return opened.promise;
  });
  return Promise.all(opening);
}

async function countMessages({ url, reader, count, noteOpen, noteClosed }: OpenStreams): Promise<void> {
  const { authorization, address, streams } = reader;
  const headers = { authorization, "x-forwarded-for": address };
  const socket = new WebSocket(`${url.replace("http", "ws")}/trpc`, { headers, skipUTF8Validation: true });
  await once(socket, "open");
  const opened = Promise.withResolvers<void>();
  let open = 0;
  socket.on("message", (data: Buffer) => {
    if (data.length === ping.length) return void socket.send("PONG");
    if (open === streams) return void count(1);
    if (data.includes('"type":"stream.opened"')) {
      open += 1;
      noteOpen();
      if (open === streams) opened.resolve();
    } else if (data.includes('"error"')) opened.reject(new Error(`A stream is refused: ${String(data)}`));
  });
  socket.once("close", () => {
    for (; open > 0; open -= 1) noteClosed();
  });
  const params = { path: "events.follow", input: {} };
  for (let id = 1; id <= streams; id += 1)
    socket.send(JSON.stringify({ id, method: "subscription", params }));
  await opened.promise;
}

const ping = "PING";
