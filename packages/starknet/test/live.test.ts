import { describe, expect, test } from "vitest";
import { CHAIN_IDS, createRpcChainReader } from "../src/index.ts";

// biome-ignore lint/style/noProcessEnv: the live suite is switched on from outside; no shipped code reads this.
const url = process.env.STARKNET_RPC_URL;

/** The ETH token: deployed at the same address on mainnet and Sepolia, and not an account. */
const ETH = "0x049d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7";

describe.skipIf(url === undefined)("a live node (STARKNET_RPC_URL)", () => {
  test("answers on one of the public networks, and knows a contract from an empty address and from an account", async () => {
    const readers = Object.values(CHAIN_IDS).map((expectedChainId) =>
      createRpcChainReader({ url: url ?? "", expectedChainId, fetch }),
    );
    const chainIds = await Promise.allSettled(readers.map((reader) => reader.chainId()));
    const reader = readers[chainIds.findIndex(({ status }) => status === "fulfilled")];
    expect(await reader?.classHashAt(ETH)).toMatch(/^0x[0-9a-f]{64}$/);
    expect(await reader?.classHashAt("0xdeadbeef")).toBeUndefined();
    const question = { hash: "0x1", signature: ["0x1", "0x2"] };
    expect(await reader?.isValidSignature({ account: ETH, ...question })).toBe("no_entry_point");
    expect(await reader?.isValidSignature({ account: "0xdeadbeef", ...question })).toBe("not_deployed");
  });
});
