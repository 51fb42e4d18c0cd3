import * as fc from "fast-check";
import { getChecksumAddress } from "starknet";
import { describe, expect, test } from "vitest";
import { addressBound, checksumAddress, parseAddress } from "./address.ts";

const ethToken = "0x049d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7";
const invalidAddress = expect.objectContaining({ code: "INVALID_ADDRESS" });

describe("parseAddress", () => {
  test("gives one spelling: 66 characters, lower case, zero-padded", () => {
    expect(parseAddress("0x2")).toBe(`0x${"0".repeat(63)}2`);
    expect(parseAddress(ethToken)).toBe(ethToken);
    expect(parseAddress("0x49d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7")).toBe(ethToken);
    expect(parseAddress(`0x${ethToken.slice(2).toUpperCase()}`)).toBe(ethToken);
  });

  test("accepts the largest address and refuses the bound itself", () => {
    expect(parseAddress(`0x${(addressBound - 1n).toString(16)}`)).toHaveLength(66);
    expect(() => parseAddress(`0x${addressBound.toString(16)}`)).toThrow(invalidAddress);
  });

  test.each([
    "",
    "0x",
    "0x0",
    "0x1",
    "0X2",
    "2",
    "49d3",
    "0xg1",
    " 0x2",
    "0x2\n",
    `0x${"0".repeat(65)}`,
    `0x${"f".repeat(64)}`,
  ])("refuses %j", (text) => {
    expect(() => parseAddress(text)).toThrow(invalidAddress);
  });

  test("verifies the checksum of mixed-case text, with or without leading zeros", () => {
    // The example of SNIP-55.
    const checksummed = "0x049D36570D4e46f48e99674bd3fcc84644DdD6b96F7C741B1562B82f9e004dC7";
    expect(parseAddress(checksummed)).toBe(ethToken);
    expect(parseAddress(checksummed.replace("0x0", "0x"))).toBe(ethToken);
    expect(() => parseAddress(checksummed.replace("0x049D", "0x049d"))).toThrow(/checksum/);
  });

  test("accepts the SNIP-55 checksum of an address with a leading zero byte, which wallets compute differently", () => {
    const walletSpelling = checksumAddress("0xabcdef");
    expect(parseAddress(walletSpelling)).toBe(parseAddress("0xabcdef"));
    // SNIP-55's text followed step by step; the same steps reproduce the SNIP's own example.
    const snip55 = `0x${"0".repeat(58)}AbcdeF`;
    expect(snip55).not.toBe(walletSpelling);
    expect(parseAddress(snip55)).toBe(parseAddress("0xabcdef"));
  });

  test("agrees with starknet.js on 500 random checksums, and reads each back", async () => {
    await fc.assert(
      fc.property(fc.bigInt({ min: 2n, max: addressBound - 1n }), (value) => {
        const address = `0x${value.toString(16)}`;
        const checksummed = checksumAddress(address);
        expect(checksummed).toBe(getChecksumAddress(address));
        expect(BigInt(parseAddress(checksummed))).toBe(value);
      }),
      { numRuns: 500 },
    );
  });
});
