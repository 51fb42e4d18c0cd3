/** A server-sent event, or what comes in the place of one. */
export interface ServerSentEvent {
  /** `message` unless the server names another. */
  readonly name: string;
  readonly id: string | undefined;
  /** Undefined where there is none, as when only the id moves on. */
  readonly data: string | undefined;
  /** Milliseconds to wait before connecting again. */
  readonly retry: number | undefined;
}

/**
 * Reads server-sent events as the service writes them: lines end with a line feed, and each field comes once.
 *
 * @param hear called for whatever comes
 */
export async function* readServerEvents(
  body: ReadableStream<Uint8Array>,
  hear: () => void,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    hear();
    text += decoder.decode(value, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) yield toEvent(event);
  }
}

function toEvent(text: string): ServerSentEvent {
  const fields = new Map(
    text.split("\n").map((line) => {
      const [, name = "", value = ""] = /^(\w*): ?(.*)$/.exec(line) ?? [];
      return [name, value] as const;
    }),
  );
  const retry = fields.get("retry");
  return {
    name: fields.get("event") ?? "message",
    id: fields.get("id"),
    data: fields.get("data"),
    retry: retry === undefined ? undefined : Number(retry),
  };
}
