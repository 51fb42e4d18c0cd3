import { describe, expect, test } from "vitest";
import { z } from "zod";
import { accountClasses } from "../src/account-classes.ts";
import { createRpcChainReader, publicChainIds } from "../src/index.ts";

// biome-ignore lint/style/noProcessEnv: the live suite is switched on from outside; no shipped code reads this.
const url = process.env.STARKNET_RPC_URL;

/** The ethToken token: deployed at the same address on mainnet and Sepolia, and not an account. */
const ethToken = "0x049d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7";

describe.skipIf(url === undefined)("a live node (STARKNET_RPC_URL)", () => {
  test("serves one of the public networks, and tells a contract from an empty address and from an account", async () => {
    const readers = Object.values(publicChainIds).map((expectedChainId) =>
      createRpcChainReader({ url: url ?? "", expectedChainId, fetch }),
    );
    const chainIds = await Promise.allSettled(readers.map((reader) => reader.chainId()));
    const reader = readers[chainIds.findIndex(({ status }) => status === "fulfilled")];
    expect(await reader?.classHashAt(ethToken)).toMatch(/^0x[0-9a-f]{64}$/);
    expect(await reader?.classHashAt("0xdeadbeef")).toBeUndefined();
    const question = { hash: "0x1", signature: ["0x1", "0x2"] };
    expect(await reader?.isValidSignature({ account: ethToken, ...question })).toBe("no_entry_point");
    expect(await reader?.isValidSignature({ account: "0xdeadbeef", ...question })).toBe("not_deployed");
  });

  test("has the constructors that counterfactual accounts rely on, for every known class that it declares", async () => {
    const found: string[] = [];
    for (const [classHash, { name }] of accountClasses) {
      const types = await constructorTypes(url ?? "", classHash);
      if (types === undefined) continue;
      found.push(name.split(" ")[0] ?? "");
      expect([name, types]).toEqual([name, expectedTypes(name)]);
    }
    expect(new Set(found)).toEqual(new Set(["OpenZeppelin", "Argent", "Braavos"]));
  });
});

function expectedTypes(name: string): string[] {
  if (name.startsWith("Braavos")) return ["StarkPubKey"];
  if (name.startsWith("Argent 0.3")) return ["felt252", "felt252"];
  return name.startsWith("Argent") ? ["Signer", "Option"] : ["felt252"];
}

const sierraClass = z.object({ result: z.object({ abi: z.string() }) });
const abi = z.array(
  z.object({ type: z.string(), inputs: z.array(z.object({ type: z.string() })).optional() }),
);

/** The types of a class's constructor parameters without their paths; `undefined` where the class is not declared. */
async function constructorTypes(nodeUrl: string, classHash: bigint): Promise<string[] | undefined> {
  const params = { block_id: "latest", class_hash: `0x${classHash.toString(16)}` };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "starknet_getClass", params });
  const headers = { "content-type": "application/json" };
  const response: unknown = await (await fetch(nodeUrl, { method: "POST", headers, body })).json();
  // CLASS_HASH_NOT_FOUND of the specification.
  if (z.object({ error: z.object({ code: z.literal(28) }) }).safeParse(response).success) return undefined;
  const entries = abi.parse(JSON.parse(sierraClass.parse(response).result.abi));
  const inputs = entries.find(({ type }) => type === "constructor")?.inputs ?? [];
  return inputs.map(({ type }) => type.replace(/::<.*$/, "").replace(/^.*::/, ""));
}
