import type { Fetch } from "../checked-fetch.ts";
import { ObsqraError } from "../obsqra-error.ts";
import type { Pause } from "../pause.ts";
import type { LiveEvent } from "../router.ts";
import { toObsqraError } from "../to-obsqra-error.ts";
import type { MockEvents } from "./mock-events.ts";
import type { MockCall } from "./mock-responses.ts";

/** What a mock answers with. */
export interface MockService {
  /** @throws ObsqraError for a call that fails */
  readonly respond: (call: MockCall) => unknown;
  readonly latencyMs: (call: MockCall) => number;
  readonly events: MockEvents<LiveEvent>;
  readonly pause: Pause;
}

/** A `fetch` that answers as the service does, so that all of the client is at work: batches, retries, errors. */
export function createMockFetch(service: MockService): Fetch {
  return async (url, options = {}) => {
    const calls = readCalls(url, typeof options.body === "string" ? options.body : undefined);
    const [first] = calls;
    if (first?.path === "events.follow") return service.events.open(options.signal);
    const bodies = await Promise.all(
      calls.map(async (call) => {
        await service.pause(service.latencyMs(call), options.signal);
        return answer(service, call);
      }),
    );
    const isBatch = url.includes("batch=1");
    const [body] = bodies;
    return Response.json(isBatch ? bodies : body, { status: isBatch ? 207 : statusOf(body) });
  };
}

/** As tRPC's links send them. */
function readCalls(url: string, body: string | undefined): MockCall[] {
  const [, names = "", query = ""] = /\/trpc\/([^?]*)\??(.*)$/.exec(url) ?? [];
  const parameters = new URLSearchParams(query);
  const text = body ?? parameters.get("input") ?? undefined;
  const sent: unknown = text === undefined ? undefined : JSON.parse(text);
  const isBatch = parameters.get("batch") === "1";
  // A batch has its inputs by the positions of its calls.
  const inputs = isBatch ? (sent as Readonly<Record<number, unknown>>) : [sent];
  return names.split(",").map((path, index) => ({ path, input: inputs[index] }));
}

async function answer({ respond }: MockService, call: MockCall): Promise<object> {
  try {
    return { result: { data: await respond(call) } };
  } catch (error) {
    if (!(error instanceof ObsqraError)) throw toObsqraError(error);
    // What happens on the way never comes as a response.
    if (error.code === "CONNECTION_FAILED") throw error.cause ?? new TypeError("fetch failed");
    const { code: app_code, details, message, status = 400, request_id = "mock" } = error;
    const data = {
      app_code,
      details,
      httpStatus: status,
      status,
      detail: message,
      request_id,
      path: call.path,
    };
    return { error: { message, code: -32603, data } };
  }
}

function statusOf(body: object | undefined): number {
  return body !== undefined && "error" in body
    ? (body.error as { readonly data: { readonly httpStatus: number } }).data.httpStatus
    : 200;
}
