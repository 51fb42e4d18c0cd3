import { typedData as starknetJs } from "starknet";
import { describe, expect, test } from "vitest";
import type { WalletChallenge } from "./wallet-challenge.ts";
import { buildWalletChallenge, createChallengeNonce, hashWalletChallenge } from "./wallet-challenge.ts";

const challenge: WalletChallenge = {
  domain: { name: "Obsqra", version: "1.0.0", chain_id: "SN_SEPOLIA" },
  address: "0x49d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7",
  user_id: "0199f3b2-7c1e-7a52-b6cf-5d6ef6f4a001",
  uri: "https://app.obsqra.test",
  statement: "Link this Starknet account to your Obsqra user",
  nonce: "0xababababababababababababababab01",
  issued_at: "2026-01-02T03:04:05.678Z",
  expires_at: "2026-01-02T03:14:05.678Z",
};

describe("buildWalletChallenge", () => {
  test("gives JSON that starknet.js hashes to the same value", () => {
    const overTheWire = JSON.parse(JSON.stringify(buildWalletChallenge(challenge)));
    const theirs = BigInt(starknetJs.getMessageHash(overTheWire, challenge.address));
    expect(BigInt(hashWalletChallenge(challenge))).toBe(theirs);
  });

  test("does not depend on how the stored fields are spelled", () => {
    const respelled: WalletChallenge = {
      ...challenge,
      domain: { ...challenge.domain, chain_id: "0x534e5f5345504f4c4941" },
      address: "0x049d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7",
      nonce: `0x00${challenge.nonce.slice(2).toUpperCase()}`,
      issued_at: new Date("2026-01-02T03:04:05.678Z"),
      expires_at: "2026-01-02T04:14:05+01:00",
    };
    expect(buildWalletChallenge(respelled)).toEqual(buildWalletChallenge(challenge));
  });

  test("changes its hash with every field", () => {
    const variants: Partial<WalletChallenge>[] = [
      { domain: { ...challenge.domain, name: "Other" } },
      { domain: { ...challenge.domain, version: "1.0.1" } },
      { domain: { ...challenge.domain, chain_id: "SN_MAIN" } },
      { address: "0x2" },
      { user_id: "0199f3b2-7c1e-7a52-b6cf-5d6ef6f4a002" },
      { uri: "https://evil.test" },
      { statement: "Link another account" },
      { nonce: "0xababababababababababababababab02" },
      { issued_at: "2026-01-02T03:04:06Z" },
      { expires_at: "2026-01-02T03:14:04Z" },
    ];
    const hashes = [{}, ...variants].map((part) => hashWalletChallenge({ ...challenge, ...part }));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test.each<[string, Partial<WalletChallenge>]>([
    ["a short nonce", { nonce: "0xabab" }],
    ["a nonce beyond the field", { nonce: `0x${"f".repeat(64)}` }],
    ["a life of more than ten minutes", { expires_at: "2026-01-02T03:14:06.678Z" }],
    ["an expiry before its issue", { expires_at: "2026-01-02T03:04:05.900Z" }],
    ["a local time", { issued_at: "2026-01-02T03:04:05" }],
    ["an invalid date", { issued_at: new Date(Number.NaN) }],
    ["a uri that is not http", { uri: "javascript:alert(1)" }],
    ["a statement beyond ASCII", { statement: "Verknüpfen" }],
    ["an empty user", { user_id: "" }],
    ["a long name", { domain: { ...challenge.domain, name: "n".repeat(32) } }],
  ])("refuses %s", (_, part) => {
    expect(() => buildWalletChallenge({ ...challenge, ...part })).toThrow(
      expect.objectContaining({ code: "INVALID_CHALLENGE" }),
    );
  });
});

describe("createChallengeNonce", () => {
  test("writes 16 to 31 bytes as a felt that a challenge accepts", () => {
    expect(createChallengeNonce(new Uint8Array(16).fill(1))).toBe(`0x${"01".repeat(16)}`);
    for (const length of [16, 31]) {
      const nonce = createChallengeNonce(new Uint8Array(length).fill(255));
      expect(hashWalletChallenge({ ...challenge, nonce })).toMatch(/^0x[0-9a-f]{64}$/);
    }
    expect(() => createChallengeNonce(new Uint8Array(15))).toThrow(/16 to 31/);
    expect(() => createChallengeNonce(new Uint8Array(32))).toThrow(/16 to 31/);
  });
});
