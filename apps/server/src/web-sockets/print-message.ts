/** What tRPC sends for an event: the same to everybody but for the id of their subscription. */
interface EventMessage {
  readonly id: string | number | null;
  readonly result: { readonly data: { readonly data: object } };
}

/** The `result` of messages by their events, made once for all who get them. */
const printed = new WeakMap<object, string>();

/**
 * Prints a message of tRPC's as JSON does.
 *
 * @param message an event's has the same `result` whoever gets it
 */
export function printMessage(message: unknown): string {
  if (!isEvent(message)) return JSON.stringify(message);
  const { id, result } = message;
  const event = result.data.data;
  const known = printed.get(event) ?? JSON.stringify(result);
  printed.set(event, known);
  return `{"id":${JSON.stringify(id)},"result":${known}}`;
}

function isEvent(message: unknown): message is EventMessage {
  if (!isObject(message) || message.jsonrpc !== undefined || !("id" in message)) return false;
  const { result } = message;
  // With an id of its own: an event, whose object is everybody's.
  if (!isObject(result) || result.type !== "data" || typeof result.id !== "string") return false;
  return isObject(result.data) && isObject(result.data.data);
}

/** The fields of such messages. */
type Fields = Readonly<Partial<Record<"id" | "jsonrpc" | "result" | "type" | "data", unknown>>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
