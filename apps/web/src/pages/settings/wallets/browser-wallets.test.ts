import { expect, it, vi } from "vitest";
import { askForAddress, type BrowserWallet, findWallets, signChallenge } from "./browser-wallets.ts";

const typedData = { types: {}, primaryType: "Challenge", domain: {}, message: {} };

function createWallet(responses: Readonly<Record<string, unknown>>, name = "Braavos"): BrowserWallet {
  const request = vi.fn(async ({ type }: { type: string }) => {
    if (type in responses) return responses[type];
    throw new Error("refused");
  });
  return { id: name.toLowerCase(), name, request };
}

it("finds the wallets that have announced themselves, each once, by name", () => {
  const [braavos, ready] = [createWallet({}), createWallet({}, "Ready")];
  const window = {
    starknet: ready,
    starknet_ready: ready,
    starknet_braavos: braavos,
    starknet_odd: {},
    other: braavos,
  };
  expect(findWallets(window)).toEqual([braavos, ready]);
});

it("asks for an account and has the challenge signed, untouched, with how the account will be", async () => {
  const deployment = { class_hash: "0x1", salt: "0x2", calldata: ["0x3"], version: 1 };
  const wallet = createWallet({
    wallet_requestAccounts: ["0x5"],
    wallet_signTypedData: ["0x1", "0x2"],
    wallet_deploymentData: deployment,
  });
  expect(await askForAddress(wallet)).toBe("0x5");
  expect(await signChallenge(wallet, typedData)).toEqual({ signature: ["0x1", "0x2"], deployment });
  expect(wallet.request).toHaveBeenCalledWith({ type: "wallet_signTypedData", params: typedData });
});

it("signs without a deployment where the account is deployed, and passes on that its owner refused", async () => {
  const deployed = createWallet({ wallet_signTypedData: ["0x1"] });
  expect(await signChallenge(deployed, typedData)).toEqual({ signature: ["0x1"], deployment: undefined });
  await expect(signChallenge(createWallet({}), typedData)).rejects.toThrow("refused");
  await expect(askForAddress(createWallet({ wallet_requestAccounts: [] }))).rejects.toThrow("no account");
});
