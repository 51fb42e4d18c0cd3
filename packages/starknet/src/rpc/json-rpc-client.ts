import type { ZodType } from "zod";
import { z } from "zod";
import { ChainUnavailableError } from "../errors.ts";
import type { HttpTransport } from "./http-transport.ts";

/** What a node answered: the result, or one of the errors that the method's specification names. */
type RpcOutcome<TResult> = { ok: true; result: TResult } | { ok: false; code: number };

/** One method call. Parameters are sent by name. */
interface RpcRequest<TResult> {
  method: string;
  params: Record<string, unknown>;
  /** The shape of the result; anything else is a `bad_response`. */
  result: ZodType<TResult>;
  /** Error codes that are answers to the question; all others are thrown as `rpc_error`. */
  answers: readonly number[];
}

/** A JSON-RPC 2.0 client that only returns checked answers. */
export interface JsonRpcClient {
  request<TResult>(request: RpcRequest<TResult>): Promise<RpcOutcome<TResult>>;
}

const envelope = z.union([
  z
    .object({ jsonrpc: z.literal("2.0"), id: z.number(), result: z.unknown() })
    .refine((value) => "result" in value),
  z.object({
    jsonrpc: z.literal("2.0"),
    id: z.number().nullish(),
    error: z.object({ code: z.int(), message: z.string() }),
  }),
]);

/** A client over an HTTP transport. It decides on error codes, never on an error's text. */
export function createJsonRpcClient(transport: HttpTransport): JsonRpcClient {
  let nextId = 0;
  return {
    async request({ method, params, result, answers }) {
      nextId += 1;
      const id = nextId;
      const body = await transport.post(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
      const parsed = envelope.safeParse(parseJson(body));
      if (!parsed.success)
        throw badResponse(transport.origin, `answered ${method} without a JSON-RPC envelope`);
      const answer = parsed.data;
      if ("error" in answer) {
        // An answer must name our request: another request's "contract error" would read as a verdict.
        if (answer.id === id && answers.includes(answer.error.code))
          return { ok: false, code: answer.error.code };
        throw new ChainUnavailableError(
          "rpc_error",
          `The Starknet node at ${transport.origin} failed ${method} with error ${answer.error.code}.`,
          { retryable: true },
        );
      }
      if (answer.id !== id)
        throw badResponse(transport.origin, `answered ${method} with another request's id`);
      const checked = result.safeParse(answer.result);
      if (!checked.success) {
        throw badResponse(transport.origin, `answered ${method} with an unexpected shape`);
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
