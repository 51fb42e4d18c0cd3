import { constants } from "starknet";
import { expect, test } from "vitest";
import { chainIdToFelt, parseChainId, publicChainIds } from "./chain-id.ts";

test("reads a chain id as name or as felt, and agrees with starknet.js on the public networks", () => {
  expect(parseChainId("SN_MAIN")).toBe(publicChainIds.mainnet);
  expect(parseChainId(constants.StarknetChainId.SN_MAIN)).toBe(publicChainIds.mainnet);
  expect(parseChainId(constants.StarknetChainId.SN_SEPOLIA)).toBe(publicChainIds.sepolia);
  expect(chainIdToFelt("SN_SEPOLIA")).toBe(BigInt(constants.StarknetChainId.SN_SEPOLIA));
});

test.each(["", "0x", "0x0", "0x1", "SN MAIN", "1", "SN_MAINÉ", "S".repeat(32)])("refuses %j", (text) => {
  expect(() => parseChainId(text)).toThrow(expect.objectContaining({ code: "INVALID_CHAIN_ID" }));
});
