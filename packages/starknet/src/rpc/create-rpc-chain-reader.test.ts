import { describe, expect, test } from "vitest";
import type { FakeFailure, FakeNode } from "../testing/index.ts";
import { createTestWallet, startFakeNode, testAccountClassHash } from "../testing/index.ts";
import { buildWalletChallenge, hashWalletChallenge } from "../wallet-challenge.ts";
import type { RpcChainReaderOptions } from "./create-rpc-chain-reader.ts";
import { createRpcChainReader } from "./create-rpc-chain-reader.ts";

/** The order of the Stark curve's group. https://github.com/paulmillr/scure-starknet (curveOrder) */
const curveOrder = 3618502788666131213697322783095070105526743751716087489154079457884512865583n;

const wallet = createTestWallet({ privateKey: "0x1234567890987654321" });
const stranger = createTestWallet({ privateKey: "0x777" });
const messageHash = "0x397fba5a1da6e33e3542d93010062f4eafdcfdacefb9aaa0c869d2382d9eee8";
const query = { account: wallet.address, hash: messageHash, signature: wallet.signHash(messageHash) };
const validFelt = "0x56414c4944";

describe("isValidSignature", () => {
  test("says valid for a challenge that the account's key signed", async () => {
    await using node = await startFakeNode({ accounts: [wallet.account] });
    const challenge = {
      domain: { name: "Obsqra", version: "1.0.0", chain_id: "SN_SEPOLIA" },
      address: wallet.address,
      user_id: "0199f3b2-7c1e-7a52-b6cf-5d6ef6f4a001",
      uri: "https://app.obsqra.test",
      statement: "Link this Starknet account to your Obsqra user",
      nonce: "0xababababababababababababababab01",
      issued_at: "2026-01-02T03:04:05Z",
      expires_at: "2026-01-02T03:14:05Z",
    };
    const signature = wallet.sign(buildWalletChallenge(challenge));
    const hash = hashWalletChallenge(challenge);
    const reader = readerOf(node);
    expect(await reader.isValidSignature({ account: wallet.address, hash, signature })).toBe("valid");
    const otherHash = hashWalletChallenge({ ...challenge, user_id: "somebody else" });
    expect(await reader.isValidSignature({ account: wallet.address, hash: otherHash, signature })).toBe(
      "invalid",
    );
  });

  test("says invalid for another key, another hash, and a changed signature", async () => {
    await using node = await startFakeNode({ accounts: [wallet.account] });
    const reader = readerOf(node);
    const [r = "", s = ""] = query.signature;
    const wrong = [
      stranger.signHash(messageHash),
      [r, `0x${(BigInt(s) + 1n).toString(16)}`],
      [s, r],
      [r],
      ["0x0", "0x0"],
    ];
    for (const signature of wrong)
      expect(await reader.isValidSignature({ ...query, signature })).toBe("invalid");
    expect(await reader.isValidSignature({ ...query, hash: "0x1" })).toBe("invalid");
  });

  test("says valid for the malleated twin (r, n - s) too: a signature is not an identifier", async () => {
    await using node = await startFakeNode({ accounts: [wallet.account] });
    const [r = "", s = ""] = query.signature;
    const twin = [r, `0x${(curveOrder - BigInt(s)).toString(16)}`];
    expect(await readerOf(node).isValidSignature({ ...query, signature: twin })).toBe("valid");
  });

  test("accepts decimal felts and a padded hash, and sends what the specification's patterns allow", async () => {
    await using node = await startFakeNode({ accounts: [wallet.account] });
    const signature = query.signature.map((felt) => BigInt(felt).toString());
    const hash = `0x${messageHash.slice(2).padStart(64, "0")}`;
    expect(await readerOf(node).isValidSignature({ ...query, hash, signature })).toBe("valid");
    expect(node.requests.at(-1)).toMatchObject({
      method: "starknet_call",
      params: {
        block_id: "latest",
        request: {
          contract_address: `0x${BigInt(wallet.address).toString(16)}`,
          // starknet.js: hash.getSelectorFromName("is_valid_signature")
          entry_point_selector: "0x28420862938116cb3bbdbedee07451ccc54d4e9412dbef71142ad1980a30941",
          calldata: [messageHash, "0x2", ...query.signature],
        },
      },
    });
  });

  test("passes long multi-signatures through in order", async () => {
    await using node = await startFakeNode({ accounts: [wallet.account] });
    const signature = Array.from({ length: 128 }, (_, index) => `0x${index.toString(16)}`);
    expect(await readerOf(node).isValidSignature({ ...query, signature })).toBe("invalid");
    const calldata = [messageHash, "0x80", ...signature];
    expect(node.requests.at(-1)).toMatchObject({ params: { request: { calldata } } });
  });

  test.each([
    ["valid", [validFelt]],
    ["valid", ["0x1"]],
    ["invalid", ["0xdeadbeef"]],
    ["invalid", ["0x0"]],
    ["invalid", ["0x2"]],
    ["invalid", []],
    ["invalid", [validFelt, "0x0"]],
    ["invalid", ["0x1", "0x1"]],
  ])("says %s when the contract returns %j", async (verdict, felts) => {
    const behaviour = { kind: "returns" as const, felts };
    await using node = await startFakeNode({ accounts: [{ ...wallet.account, behaviour }] });
    expect(await readerOf(node).isValidSignature(query)).toBe(verdict);
  });

  test("understands accounts that return a bool, and accounts that revert", async () => {
    await using node = await startFakeNode();
    const reader = readerOf(node);
    for (const kind of ["bool", "reverts"] as const) {
      node.deploy({ ...wallet.account, behaviour: { kind } });
      expect(await reader.isValidSignature(query)).toBe("valid");
      expect(await reader.isValidSignature({ ...query, hash: "0x2" })).toBe("invalid");
    }
  });

  test("tells a missing account and a missing entry point apart", async () => {
    await using node = await startFakeNode();
    const reader = readerOf(node);
    expect(await reader.isValidSignature(query)).toBe("not_deployed");
    node.deploy({ ...wallet.account, behaviour: { kind: "no_entry_point" } });
    expect(await reader.isValidSignature(query)).toBe("no_entry_point");
    node.deploy(wallet.account);
    expect(await reader.isValidSignature(query)).toBe("valid");
  });

  test("refuses malformed questions without asking the node", async () => {
    await using node = await startFakeNode({ accounts: [wallet.account] });
    const reader = readerOf(node);
    const malformed = [
      [{ ...query, signature: Array<string>(129).fill("0x1") }, "INVALID_SIGNATURE_FORMAT"],
      [{ ...query, signature: [] }, "INVALID_SIGNATURE_FORMAT"],
      [{ ...query, account: "0x1" }, "INVALID_ADDRESS"],
      [{ ...query, hash: "hash" }, "INVALID_FELT"],
    ] as const;
    for (const [input, code] of malformed)
      await expect(reader.isValidSignature(input)).rejects.toMatchObject({ code });
    expect(node.requests).toEqual([]);
  });
});

describe("classHashAt", () => {
  test("gives the canonical class hash, or undefined where nothing is deployed", async () => {
    await using node = await startFakeNode({ accounts: [wallet.account] });
    const reader = readerOf(node);
    expect(await reader.classHashAt(wallet.address)).toBe(testAccountClassHash);
    expect(await reader.classHashAt(stranger.address)).toBeUndefined();
    await expect(reader.classHashAt("0x0")).rejects.toMatchObject({ code: "INVALID_ADDRESS" });
  });
});

describe("the network", () => {
  test("is checked once for concurrent and later questions", async () => {
    await using node = await startFakeNode({ accounts: [wallet.account] });
    const reader = readerOf(node);
    await Promise.all([reader.classHashAt(wallet.address), reader.isValidSignature(query), reader.chainId()]);
    expect(await reader.chainId()).toBe("SN_SEPOLIA");
    expect(node.requests.filter(({ method }) => method === "starknet_chainId")).toHaveLength(1);
  });

  test("of a node that serves another one is an error for every question, and nothing else is asked", async () => {
    await using node = await startFakeNode({ chainId: "SN_MAIN", accounts: [wallet.account] });
    const reader = readerOf(node);
    for (const ask of [
      () => reader.chainId(),
      () => reader.isValidSignature(query),
      () => reader.classHashAt("0x2"),
    ]) {
      await expect(ask()).rejects.toMatchObject({
        code: "CHAIN_UNAVAILABLE",
        reason: "wrong_chain",
        retryable: false,
      });
    }
    expect(new Set(node.requests.map(({ method }) => method))).toEqual(new Set(["starknet_chainId"]));
  });

  test("is checked again after a failure", async () => {
    await using node = await startFakeNode({ accounts: [wallet.account] });
    const reader = readerOf(node, { retries: 0 });
    await reader.chainId();
    node.failNext("http_500");
    await expect(reader.isValidSignature(query)).rejects.toMatchObject({ reason: "http_status" });
    expect(await reader.isValidSignature(query)).toBe("valid");
    expect(node.requests.map(({ method }) => method)).toEqual([
      "starknet_chainId",
      "starknet_call",
      "starknet_chainId",
      "starknet_call",
    ]);
  });
});

describe("a node in trouble is never a verdict", () => {
  test.each<[FakeFailure, string, boolean, number]>([
    ["http_500", "http_status", true, 3],
    ["http_429", "http_status", true, 3],
    ["http_401", "http_status", false, 1],
    ["disconnect", "network", true, 3],
    ["not_json", "bad_response", true, 1],
    ["endless", "bad_response", false, 1],
    ["wrong_envelope", "bad_response", true, 1],
    ["wrong_shape", "bad_response", true, 1],
    ["wrong_id", "bad_response", true, 1],
    ["internal_error", "rpc_error", true, 1],
  ])("%s is thrown as %s (retryable: %s) after %i attempts", async (failure, reason, retryable, attempts) => {
    await using node = await startFakeNode({ accounts: [wallet.account] });
    const reader = readerOf(node);
    await reader.chainId();
    node.failAlways(failure);
    const error = { name: "ChainUnavailableError", code: "CHAIN_UNAVAILABLE", reason, retryable };
    await expect(reader.isValidSignature(query)).rejects.toMatchObject(error);
    expect(node.requests).toHaveLength(1 + attempts);
    node.failAlways(undefined);
    expect(await reader.isValidSignature(query)).toBe("valid");
  });

  test("an error that does not name our request is never a verdict, whatever its code", async () => {
    await using node = await startFakeNode({ accounts: [wallet.account] });
    for (const id of [null, 999]) {
      for (const code of [20, 21, 40]) {
        const crossed = { jsonrpc: "2.0", id, error: { code, message: "Contract error" } };
        let calls = 0;
        const crossedFetch: typeof fetch = (input, init) => {
          calls += 1;
          return calls === 1 ? fetch(input, init) : Promise.resolve(Response.json(crossed));
        };
        const asked = readerOf(node, { fetch: crossedFetch }).isValidSignature(query);
        await expect(asked).rejects.toMatchObject({ reason: "rpc_error" });
      }
    }
  });

  test("a stopped node is a network error", async () => {
    await using node = await startFakeNode();
    await node.stop();
    await expect(readerOf(node).isValidSignature(query)).rejects.toMatchObject({
      reason: "network",
      retryable: true,
    });
  });

  test("a node that never responds is a timeout", async () => {
    const timeouts: AbortController[] = [];
    await using node = await startFakeNode({
      accounts: [wallet.account],
      onRequest: () => timeouts.at(-1)?.abort(),
    });
    node.failAlways("hang");
    const reader = readerOf(node, {
      timeoutMs: 1_234,
      timeoutSignal: () => {
        const controller = new AbortController();
        timeouts.push(controller);
        return controller.signal;
      },
    });
    await expect(reader.isValidSignature(query)).rejects.toThrow(/did not respond within 1234 ms/);
    expect(node.requests).toHaveLength(3);
  });

  test("passing trouble is waited out with doubling delays", async () => {
    await using node = await startFakeNode({
      accounts: [wallet.account],
      failures: ["http_500", "disconnect"],
    });
    const delays: number[] = [];
    const wait = async (delayMs: number) => void delays.push(delayMs);
    expect(await readerOf(node, { wait, retryDelayMs: 100 }).isValidSignature(query)).toBe("valid");
    expect(delays).toEqual([100, 200]);
  });
});

describe("secrets in the node's URL", () => {
  test("are sent to the node and appear in no error", async () => {
    await using node = await startFakeNode({ accounts: [wallet.account] });
    const url = new URL(`${node.url}/path-key?apikey=query-key`);
    url.username = "user-key";
    url.password = "pass%key";
    const reader = readerOf(node, { url: url.href });
    expect(await reader.isValidSignature(query)).toBe("valid");
    const basic = `Basic ${Buffer.from("user-key:pass%key").toString("base64")}`;
    expect(node.requests.map(({ headers }) => headers.authorization)).toEqual([basic, basic]);
    for (const failure of ["http_500", "disconnect", "not_json", "internal_error", "wrong_shape"] as const) {
      node.failAlways(failure);
      const error = await reader.isValidSignature(query).catch((thrown: unknown) => thrown);
      expect(allText(error)).toContain(new URL(node.url).origin);
      expect(allText(error)).not.toMatch(/key/);
    }
  });

  test("stay out of the error when fetch itself repeats the URL", async () => {
    await using node = await startFakeNode();
    const fetch = () =>
      Promise.reject(new TypeError("Failed to parse URL from http://user-key@host/path-key"));
    const error = await readerOf(node, { fetch })
      .chainId()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: "network" });
    expect(allText(error)).not.toMatch(/key/);
  });

  test("stay out of the error for a URL that cannot be used", () => {
    const options = { expectedChainId: "SN_MAIN", fetch };
    for (const url of ["ftp://host/path-key", "path-key", ""]) {
      expect(() => createRpcChainReader({ ...options, url })).toThrow(
        /^The Starknet RPC URL must be an http or https URL.$/,
      );
    }
  });
});

function readerOf(node: FakeNode, options: Partial<RpcChainReaderOptions> = {}) {
  return createRpcChainReader({
    url: node.url,
    expectedChainId: "SN_SEPOLIA",
    fetch,
    wait: () => Promise.resolve(),
    ...options,
  });
}

/** Everything a logger might print of an error, causes included. */
function allText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [error.message, error.stack, JSON.stringify(error), allText(error.cause)].join("\n");
}
