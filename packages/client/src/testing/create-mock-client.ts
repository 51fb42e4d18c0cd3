import { createClientWith } from "../create-client.ts";
import { pause } from "../pause.ts";
import type { LiveEvent, ObsqraClient } from "../router.ts";
import { exampleOutputs } from "./example-outputs.ts";
import { createMockEvents } from "./mock-events.ts";
import { createMockFetch } from "./mock-fetch.ts";
import type { MockCall, MockResponses } from "./mock-responses.ts";

/** What a mock client responds with, and how soon. */
export interface MockOptions {
  /** What procedures return in the place of their examples. */
  readonly responses?: MockResponses | undefined;
  /** How long a call takes. @default 0 */
  readonly latencyMs?: number | ((call: MockCall) => number) | undefined;
  /** How often a call is sent again that fails for the moment; without waiting. @default 0 */
  readonly maxRetries?: number | undefined;
}

/** What happened, without what the service adds by itself. */
type EventOf<TEvent> = TEvent extends LiveEvent ? Omit<TEvent, "id" | "occurred_at"> : never;

/** A client without a service, with what it was asked. */
export interface MockClient {
  /** Takes and returns what a client does, and throws what one does. */
  readonly client: ObsqraClient;
  /** What was called so far, in order. */
  readonly calls: readonly MockCall[];
  /** Tells everybody who follows that something happened. */
  readonly emit: (event: EventOf<LiveEvent>) => void;
}

/**
 * A client without a service: every procedure returns an example that is valid by the contract, unless it is given something else. It is
 * the client itself over a `fetch` of its own, so that batches, errors and streams are as they are.
 *
 * @example
 * ```ts
 * const { client, calls } = createMockClient({ responses: { webhooks: { list: { items: [], next_cursor: null } } } });
 * const { items } = await client.webhooks.list.query();
 * ```
 */
export function createMockClient(options: MockOptions = {}): MockClient {
  const { responses = {}, latencyMs = 0, maxRetries = 0 } = options;
  const calls: MockCall[] = [];
  const events = createMockEvents<EventOf<LiveEvent>>();
  const fetch = createMockFetch({
    respond: (call) => {
      calls.push(call);
      return respond(responses, call);
    },
    latencyMs: typeof latencyMs === "number" ? () => latencyMs : latencyMs,
    events,
    pause,
  });
  const immediately = { pause: async () => {}, random: () => 0 };
  const client = createClientWith({ url: "http://mock.invalid", fetch, maxRetries }, immediately);
  return { client, calls, emit: events.send };
}

function respond(responses: MockResponses, { path, input }: MockCall): unknown {
  const [feature = "", name = ""] = path.split(".");
  // The types say which there are; a call has its names as text.
  const given = (responses as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[feature]?.[name];
  if (typeof given === "function") return given(input);
  return given ?? exampleOutputs[path];
}
