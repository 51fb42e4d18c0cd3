/** Streams of server-sent events, to all of which the same is sent. */
export interface MockEvents<TEvent> {
  readonly open: (signal: AbortSignal | null | undefined) => Response;
  readonly send: (event: TEvent) => void;
}

/** Begins each stream with `stream.opened`, as the service does. */
export function createMockEvents<TEvent extends object>(): MockEvents<TEvent> {
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const encoder = new TextEncoder();
  let position = 0;
  const message = (event: object) => {
    position += 1;
    const id = `1-${position}`;
    const data = JSON.stringify({ id, occurred_at: new Date().toISOString(), ...event });
    return encoder.encode(`id: ${id}\ndata: ${data}\n\n`);
  };
  return {
    open(signal) {
      const body = new ReadableStream<Uint8Array>({
        start(stream) {
          streams.add(stream);
          stream.enqueue(message({ type: "stream.opened" }));
          signal?.addEventListener("abort", () => {
            if (streams.delete(stream)) stream.error(signal.reason);
          });
        },
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    },
    send(event) {
      const bytes = message(event);
      for (const stream of streams) stream.enqueue(bytes);
    },
  };
}
