import * as fc from "fast-check";
import { CairoCustomEnum, CairoOption, CairoOptionVariant, CallData } from "starknet";
import { describe, expect, test } from "vitest";
import { calculateContractAddress } from "./contract-address.ts";
import { verifyCounterfactualSignature } from "./counterfactual-signature.ts";
import { feltPrime, toRpcFelt } from "./felt.ts";
import { starkCurveOrder } from "./stark-signature.ts";
import { createTestWallet, type TestWallet } from "./testing/index.ts";

const messageHash = "0x397fba5a1da6e33e3542d93010062f4eafdcfdacefb9aaa0c869d2382d9eee8";
const privateKey = "0x1234567890987654321";
const openzeppelin = createTestWallet({ privateKey, kind: "openzeppelin" });
const argent = createTestWallet({ privateKey, kind: "argent" });
const braavos = createTestWallet({ privateKey, kind: "braavos" });
const stranger = createTestWallet({ privateKey: "0x777" });
const argent03 = deployedAs("0x029927c8af6bccf3f6fda035981e765a7bdbf18a2dc0d630494f8758aa908e2b", [
  argent.publicKey,
  "0x0",
]);

describe("a signature of the key that an address commits to", () => {
  test.each([
    ["OpenZeppelin", openzeppelin],
    ["Argent 0.4", argent],
    ["Argent 0.3", argent03],
    ["Braavos", braavos],
  ])("is valid for %s, as is its twin (r, n - s)", (_, wallet) => {
    const [r = "", s = ""] = wallet.signHash(messageHash);
    expect(check(wallet, [r, s])).toBe("valid");
    expect(check(wallet, [r, toRpcFelt(starkCurveOrder - BigInt(s))])).toBe("valid");
    expect(check(wallet, [BigInt(r).toString(), BigInt(s).toString()])).toBe("valid");
  });

  test("is valid in Argent's list of signers, for the owner alone, and only for its class", () => {
    const list = ["0x1", "0x0", argent.publicKey, ...argent.signHash(messageHash)];
    expect(check(argent, list)).toBe("valid");
    expect(check(argent, ["0x1", "0x0", stranger.publicKey, ...argent.signHash(messageHash)])).toBe(
      "invalid",
    );
    expect(check(argent, ["0x1", "0x1", argent.publicKey, ...argent.signHash(messageHash)])).toBe("invalid");
    expect(check(argent, ["0x2", "0x0", argent.publicKey, ...argent.signHash(messageHash)])).toBe("invalid");
    expect(check(argent, [...list, "0x0"])).toBe("invalid");
    for (const wallet of [openzeppelin, argent03, braavos]) expect(check(wallet, list)).toBe("invalid");
  });

  test("is valid with Braavos's signer type, and only for its class", () => {
    const typed = ["0x1", ...braavos.signHash(messageHash)];
    expect(check(braavos, typed)).toBe("valid");
    expect(check(braavos, ["0x2", ...braavos.signHash(messageHash)])).toBe("invalid");
    for (const wallet of [openzeppelin, argent, argent03]) expect(check(wallet, typed)).toBe("invalid");
  });

  test("is invalid in any other shape, for every class", async () => {
    const felts = fc.array(fc.bigInt({ min: 0n, max: feltPrime - 1n }).map(toRpcFelt), {
      minLength: 1,
      maxLength: 128,
    });
    await fc.assert(
      fc.property(felts, fc.nat(), (noise, at) => {
        for (const wallet of [openzeppelin, argent, argent03, braavos]) {
          const shape = noise.toSpliced(at % (noise.length + 1), 0, ...wallet.signHash(messageHash));
          fc.pre(!(shape.length === 3 && shape[0] === "0x1"));
          expect(check(wallet, noise)).toBe("invalid");
          expect(check(wallet, shape)).toBe("invalid");
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe("what does not prove an address", () => {
  test("another key, another hash, and a signature out of range", () => {
    for (const wallet of [openzeppelin, argent, argent03, braavos]) {
      const [r = "", s = ""] = wallet.signHash(messageHash);
      expect(check(wallet, stranger.signHash(messageHash))).toBe("invalid");
      expect(check(wallet, wallet.signHash("0x1"))).toBe("invalid");
      expect(check(wallet, [r, toRpcFelt(starkCurveOrder)])).toBe("invalid");
      expect(check(wallet, ["0x0", "0x0"])).toBe("invalid");
      expect(check(wallet, [s, r])).toBe("invalid");
    }
  });

  test("a class that is not on the list", () => {
    expect(check(stranger, stranger.signHash(messageHash))).toBe("class_unknown");
  });

  test("a deployment that leads elsewhere, whichever part of it was changed", () => {
    const { deployment } = argent;
    for (const change of [
      { class_hash: "0x073414441639dcd11d1846f287650a00c60c416b9d3ba45d31c651672125b2c2" },
      { salt: "0x1" },
      { constructor_calldata: ["0x0", stranger.publicKey, "0x1"] },
      { deployer_address: "0x1" },
      { salt: toRpcFelt(feltPrime) },
      { constructor_calldata: ["key"] },
    ]) {
      const changed = { ...argent, deployment: { ...deployment, ...change } };
      expect(check(changed, argent.signHash(messageHash))).toBe("address_differs");
    }
  });

  test("a guardian, another kind of signer, or calldata of another length", () => {
    const { publicKey } = argent;
    const { class_hash } = argent.deployment;
    for (const wallet of [
      deployedAs(class_hash, ["0x0", publicKey, "0x0", "0x0", "0xdead"]),
      deployedAs(class_hash, ["0x1", publicKey, "0x1"]),
      deployedAs(class_hash, ["0x0", publicKey]),
      deployedAs(class_hash, ["0x0", publicKey, "0x1", "0x0"]),
      deployedAs(argent03.deployment.class_hash, [publicKey, "0xdead"]),
      deployedAs(argent03.deployment.class_hash, [publicKey]),
      deployedAs(openzeppelin.deployment.class_hash, []),
      deployedAs(openzeppelin.deployment.class_hash, [publicKey, "0x0"]),
      deployedAs(braavos.deployment.class_hash, [publicKey, "0x0"]),
    ]) {
      expect(check(wallet, argent.signHash(messageHash))).toBe("constructor_unsupported");
    }
  });

  test("a malformed question", () => {
    expect(() => check(openzeppelin, [])).toThrow(
      expect.objectContaining({ code: "INVALID_SIGNATURE_FORMAT" }),
    );
    expect(() => check(openzeppelin, Array<string>(129).fill("0x1"))).toThrow(
      expect.objectContaining({ code: "INVALID_SIGNATURE_FORMAT" }),
    );
    expect(() => check({ ...openzeppelin, address: "0x1" }, ["0x1"])).toThrow(
      expect.objectContaining({ code: "INVALID_ADDRESS" }),
    );
  });
});

test("Argent's constructor calldata is what starknet.js compiles for an owner without guardian", () => {
  const owner = new CairoCustomEnum({ Starknet: { pubkey: argent.publicKey } });
  const guardian = new CairoOption(CairoOptionVariant.None);
  const compiled = CallData.compile({ owner, guardian }).map(BigInt);
  expect(argent.deployment.constructor_calldata.map(BigInt)).toEqual(compiled);
});

function check(wallet: Pick<TestWallet, "address" | "deployment">, signature: readonly string[]) {
  const { address, deployment } = wallet;
  return verifyCounterfactualSignature({ account: address, hash: messageHash, signature, deployment });
}

/** The account that another deployment of the same key leads to. */
function deployedAs(class_hash: string, constructor_calldata: string[]) {
  const deployment = { ...argent.deployment, class_hash, constructor_calldata };
  return { ...argent, deployment, address: calculateContractAddress(deployment) };
}
