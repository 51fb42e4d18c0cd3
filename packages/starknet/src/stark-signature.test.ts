import { getStarkKey, sign } from "@scure/starknet";
import * as fc from "fast-check";
import { ec } from "starknet";
import { describe, expect, test } from "vitest";
import { toRpcFelt } from "./felt.ts";
import { starkCurveOrder, verifyStarkSignature } from "./stark-signature.ts";

const hashes = fc.bigInt({ min: 0n, max: 2n ** 251n - 1n });
const privateKeys = fc.bigInt({ min: 1n, max: 2n ** 250n }).map(toRpcFelt);

describe("verifyStarkSignature", () => {
  test("accepts what starknet.js signs, and its twin (r, n - s), for the x coordinate alone", async () => {
    await fc.assert(
      fc.property(hashes, privateKeys, (hash, privateKey) => {
        const { r, s } = ec.starkCurve.sign(toRpcFelt(hash), privateKey);
        const publicKey = BigInt(ec.starkCurve.getStarkKey(privateKey));
        expect(verifyStarkSignature(hash, { r, s }, publicKey)).toBe(true);
        expect(verifyStarkSignature(hash, { r, s: starkCurveOrder - s }, publicKey)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("accepts no other hash, key, r or s", async () => {
    await fc.assert(
      fc.property(hashes, hashes, privateKeys, privateKeys, (hash, otherHash, privateKey, otherKey) => {
        fc.pre(hash !== otherHash && privateKey !== otherKey);
        const { r, s } = sign(toRpcFelt(hash), privateKey);
        const publicKey = BigInt(getStarkKey(privateKey));
        expect(verifyStarkSignature(otherHash, { r, s }, publicKey)).toBe(false);
        expect(verifyStarkSignature(hash, { r, s }, BigInt(getStarkKey(otherKey)))).toBe(false);
        expect(verifyStarkSignature(hash, { r: r + 1n, s }, publicKey)).toBe(false);
        expect(verifyStarkSignature(hash, { r, s: s + 1n }, publicKey)).toBe(false);
        expect(verifyStarkSignature(hash, { r: s, s: r }, publicKey)).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  test("refuses numbers out of range instead of throwing", () => {
    const publicKey = BigInt(getStarkKey("0x1"));
    const { r, s } = sign("0x2", "0x1");
    const edges = [-1n, 0n, starkCurveOrder, starkCurveOrder + 1n, 2n ** 251n, 2n ** 252n];
    for (const edge of edges) {
      expect(verifyStarkSignature(2n, { r: edge, s }, publicKey)).toBe(false);
      expect(verifyStarkSignature(2n, { r, s: edge }, publicKey)).toBe(false);
    }
    expect(verifyStarkSignature(2n, { r, s: s + starkCurveOrder }, publicKey)).toBe(false);
    expect(verifyStarkSignature(2n ** 251n, { r, s }, publicKey)).toBe(false);
  });

  test("takes a key that is on no point of the curve for one that signed nothing", () => {
    const { r, s } = sign("0x2", "0x1");
    for (const publicKey of [0n, 5n, 6n, 7n, 2n ** 251n + 17n * 2n ** 192n]) {
      expect(verifyStarkSignature(2n, { r, s }, publicKey)).toBe(false);
    }
  });
});
