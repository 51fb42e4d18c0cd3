import * as fc from "fast-check";
import { hash } from "starknet";
import { expect, test } from "vitest";
import { calculateContractAddress } from "./contract-address.ts";
import { feltPrime, toRpcFelt } from "./felt.ts";

const felt = fc.bigInt({ min: 0n, max: feltPrime - 1n }).map(toRpcFelt);
const deployments = fc.record({
  class_hash: felt,
  salt: felt,
  constructor_calldata: fc.array(felt, { maxLength: 6 }),
  deployer_address: felt,
});

test("agrees with starknet.js on the address of 60 random deployments", async () => {
  await fc.assert(
    fc.property(deployments, (deployment) => {
      const theirs = hash.calculateContractAddressFromHash(
        deployment.salt,
        deployment.class_hash,
        deployment.constructor_calldata,
        deployment.deployer_address,
      );
      expect(BigInt(calculateContractAddress(deployment))).toBe(BigInt(theirs));
    }),
    { numRuns: 60 },
  );
});

/**
 * Accounts of mainnet with their keys.
 * https://github.com/starknet-innovation/krusty-kms (the shared test data of its account derivation)
 */
test.each([
  [
    "Argent 0.4.0",
    "0x036078334509b514626504edc9fb252328d1a240e4e948bef8d0c08dff45927f",
    "0x048495fca9753cb0f4035eb4d2e2c1a22cc6d36fe4b73e17d9d6848333ff03a9",
    ["0x0", "0x048495fca9753cb0f4035eb4d2e2c1a22cc6d36fe4b73e17d9d6848333ff03a9", "0x1"],
    "0x06bb92ac7bd2ba6922e497f8b9ccf4357559e3f3896396d5834d8a0b1ce1fc0e",
  ],
  [
    "Braavos 1.2.0",
    "0x03d16c7a9a60b0593bd202f660a28c5d76e0403601d9ccc7e4fa253b6a70c201",
    "0x2985b4b4b2a370bdded9810e0c6cf74f82caf31dba039d2ece7eb8b8b80bb5a",
    ["0x2985b4b4b2a370bdded9810e0c6cf74f82caf31dba039d2ece7eb8b8b80bb5a"],
    "0x05ddbfaa0b1daab3e0d8a78b5ba5cdfa00431ac62ca3d31fe3e8fabdbbf01626",
  ],
  [
    "Braavos 1.0.0",
    "0x13bfe114fb1cf405bfc3a7f8dbe2d91db146c17521d40dcf57e16d6b59fa8e6",
    "0x7829fdac0277b7dcd88e2ad2dad78a9eed97c323456a185a74e2d271b0d2163",
    ["0x7829fdac0277b7dcd88e2ad2dad78a9eed97c323456a185a74e2d271b0d2163"],
    "0x0023e1391f6130cfd5d20100cf96f55400ad9f2075d8a4373220d1e7ffdb50fa",
  ],
])("gives the address that an account of %s has on mainnet", (_, class_hash, salt, calldata, address) => {
  const deployment = { class_hash, salt, constructor_calldata: calldata, deployer_address: "0x0" };
  expect(calculateContractAddress(deployment)).toBe(address);
});

test("refuses what is not a felt", () => {
  const deployment = { class_hash: "0x1", salt: "0x1", constructor_calldata: [], deployer_address: "0x0" };
  for (const wrong of [
    { ...deployment, class_hash: toRpcFelt(feltPrime) },
    { ...deployment, salt: "salt" },
    { ...deployment, constructor_calldata: ["0x"] },
    { ...deployment, deployer_address: "" },
  ]) {
    expect(() => calculateContractAddress(wrong)).toThrow(expect.objectContaining({ code: "INVALID_FELT" }));
  }
});
