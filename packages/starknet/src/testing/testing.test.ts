import * as fc from "fast-check";
import { hash } from "starknet";
import { describe, expect, test } from "vitest";
import { entryPointSelector } from "../selector.ts";
import { createTestWallet, startFakeNode, testAccountClassHash } from "./index.ts";

describe("the test wallet", () => {
  test("has the address that starknet.js computes for its key", async () => {
    const keys = fc.bigInt({ min: 1n, max: 2n ** 250n }).map((key) => `0x${key.toString(16)}`);
    await fc.assert(
      fc.property(keys, (privateKey) => {
        const { publicKey, address } = createTestWallet({ privateKey });
        const theirs = hash.calculateContractAddressFromHash(publicKey, testAccountClassHash, [publicKey], 0);
        expect(BigInt(address)).toBe(BigInt(theirs));
      }),
      { numRuns: 20 },
    );
  });
});

describe("the fake node", () => {
  test("knows selectors as starknet.js computes them", () => {
    for (const name of ["is_valid_signature", "supports_interface"]) {
      expect(entryPointSelector(name)).toBe(BigInt(hash.getSelectorFromName(name)));
    }
  });

  test.each([
    ["not JSON", "{", -32600],
    ["not JSON-RPC", { method: "starknet_chainId" }, -32600],
    ["an unknown method", request("starknet_mint", {}), -32601],
    [
      "the block tag that 0.9 removed",
      request("starknet_getClassHashAt", { block_id: "pending", contract_address: "0x2" }),
      -32602,
    ],
    [
      "a felt with leading zeros",
      request("starknet_getClassHashAt", { block_id: "latest", contract_address: "0x02" }),
      -32602,
    ],
    [
      "a contract that does not exist",
      request("starknet_getClassHashAt", { block_id: "latest", contract_address: "0x2" }),
      20,
    ],
  ])("refuses %s with the error of the specification", async (_, body, code) => {
    await using node = await startFakeNode();
    expect(await post(node.url, body)).toMatchObject({
      jsonrpc: "2.0",
      error: { code, message: expect.any(String) },
    });
  });

  test("refuses a call of another entry point with error 21", async () => {
    const { account, address } = createTestWallet({ privateKey: "0x5" });
    await using node = await startFakeNode({ accounts: [account] });
    const call = {
      contract_address: `0x${BigInt(address).toString(16)}`,
      entry_point_selector: "0x1",
      calldata: [],
    };
    const response = await post(
      node.url,
      request("starknet_call", { request: call, block_id: { block_number: 1 } }),
    );
    expect(response).toMatchObject({ error: { code: 21 } });
  });

  test("can be stopped twice", async () => {
    await using node = await startFakeNode();
    await node.stop();
    await node.stop();
    await expect(fetch(node.url)).rejects.toThrow();
  });
});

function request(method: string, params: unknown) {
  return { jsonrpc: "2.0", id: 1, method, params };
}

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return response.json();
}
