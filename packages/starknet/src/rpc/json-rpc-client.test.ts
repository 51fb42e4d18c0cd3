import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { ChainUnavailableError } from "../errors.ts";
import { createJsonRpcClient } from "./json-rpc-client.ts";

const expectedCode = 20;

/** What a node may write into a field; undefined leaves it out. */
const fields = fc.record({
  jsonrpc: fc.constantFrom<unknown>("2.0", "2.0", "2.0", "1.0", 2, undefined),
  id: fc.constantFrom<unknown>(1, 1, 1, 1, 2, "1", null, undefined),
  result: fc.constantFrom<unknown>("0x1", "0x1", null, undefined, [], 1),
  error: fc.constantFrom<unknown>(
    undefined,
    null,
    { code: expectedCode, message: "Contract not found", data: {} },
    { code: -32603, message: "Internal error" },
    { code: "20", message: "x" },
    { code: expectedCode },
    "20",
    false,
  ),
});

/** What a node has said about our request, by what was sent. */
async function ask(response: unknown): Promise<unknown> {
  const transport = { origin: "https://node.test", post: async () => JSON.stringify(response) };
  const request = { method: "starknet_call", params: {}, result: z.string(), expectedErrors: [expectedCode] };
  return createJsonRpcClient(transport)
    .request(request)
    .catch((thrown) => thrown);
}

test("takes a result or an error for said only where a response to our request says nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(fields, async (response) => {
      const { jsonrpc, id, result, error } = response;
      const isOurs = jsonrpc === "2.0" && id === 1;
      const isResult = result === "0x1" && (error === undefined || error === null);
      const code = (error as { code?: unknown; message?: unknown } | null | undefined)?.code;
      const isWhole = typeof (error as { message?: unknown } | null | undefined)?.message === "string";
      const isError = code === expectedCode && isWhole && (result === undefined || result === null);
      const said = await ask(response);
      if (isOurs && isResult) expect(said).toEqual({ ok: true, result: "0x1" });
      else if (isOurs && isError) expect(said).toEqual({ ok: false, code: expectedCode });
      else expect(said).toBeInstanceOf(ChainUnavailableError);
    }),
    { numRuns: 2_000, seed: 12 },
  );
});
