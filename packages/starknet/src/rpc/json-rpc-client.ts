import type { ZodType } from "zod";
import { z } from "zod";
import { ChainUnavailableError } from "../errors.ts";
import type { HttpTransport } from "./http-transport.ts";

/** What a node returned: the result, or one of the errors that the method's specification names. */
type RpcOutcome<TResult> = { ok: true; result: TResult } | { ok: false; code: number };

/** One method call. Parameters are sent by name. */
interface RpcRequest<TResult> {
  method: string;
  params: Record<string, unknown>;
  /** The shape of the result; anything else is a `bad_response`. */
  result: ZodType<TResult>;
  /** Error codes that tell something about the chain; all others are thrown as `rpc_error`. */
  expectedErrors: readonly number[];
}

/** A JSON-RPC 2.0 client that only returns checked results. */
export interface JsonRpcClient {
  request<TResult>(request: RpcRequest<TResult>): Promise<RpcOutcome<TResult>>;
}

/**
 * A response has a result or an error. Some nodes write null for the other, which says nothing; a response with both says two
 * things, and neither is believed. https://www.jsonrpc.org/specification#response_object
 */
const envelope = z
  .object({
    jsonrpc: z.literal("2.0"),
    id: z.number().nullish(),
    result: z.unknown().optional(),
    error: z.object({ code: z.int(), message: z.string() }).nullish(),
  })
  .refine(({ result, error }) => (error == null ? result !== undefined : result == null));

/** A client over an HTTP transport. It decides on error codes, never on an error's text. */
export function createJsonRpcClient(transport: HttpTransport): JsonRpcClient {
  let nextId = 0;
  return {
    async request({ method, params, result, expectedErrors }) {
      nextId += 1;
      const id = nextId;
      const body = await transport.post(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
      const parsed = envelope.safeParse(parseJson(body));
      if (!parsed.success)
        throw badResponse(transport.origin, `responded to ${method} without a JSON-RPC envelope`);
      const { error, ...response } = parsed.data;
      if (error != null) {
        // A response must name our request: another request's "contract error" would read as a verdict.
        if (response.id === id && expectedErrors.includes(error.code)) return { ok: false, code: error.code };
        throw new ChainUnavailableError(
          "rpc_error",
          `The Starknet node at ${transport.origin} failed ${method} with error ${error.code}.`,
          { retryable: true },
        );
      }
      if (response.id !== id)
        throw badResponse(transport.origin, `responded to ${method} with another request's id`);
      const checked = result.safeParse(response.result);
      if (!checked.success) {
        throw badResponse(transport.origin, `responded to ${method} in an unexpected shape`);
      }
      return { ok: true, result: checked.data };
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function badResponse(origin: string, what: string): ChainUnavailableError {
  return new ChainUnavailableError("bad_response", `The Starknet node at ${origin} ${what}.`, {
    retryable: true,
  });
}
