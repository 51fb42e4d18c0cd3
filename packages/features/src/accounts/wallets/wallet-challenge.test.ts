import type { TypedData } from "@obsqra/starknet";
import { createTestWallet, type FakeFailure } from "@obsqra/starknet/testing";
import { expect, it } from "vitest";
import { codeOf, createChainTestApi, createTestApi, link, signChallenge } from "../../testing/index.ts";

/** The order of the Stark curve's group. */
const curveOrder = 0x0800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2fn;

const wallet = createTestWallet({ privateKey: "0x1234567890abcdef" });
const other = createTestWallet({ privateKey: "0x2" });
const accounts = [wallet.account, other.account];
const troubles: readonly FakeFailure[] = [
  "http_500",
  "http_429",
  "http_401",
  "disconnect",
  "not_json",
  "wrong_envelope",
  "wrong_shape",
  "wrong_id",
  "internal_error",
];

it("knows a replay by its challenge, not by the signature, of which anybody can make a second valid one", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  const signed = await signChallenge(ada, wallet);
  const [r = "", s = ""] = signed.signature;
  const twin = { ...signed, signature: [r, `0x${(curveOrder - BigInt(s)).toString(16)}`] };
  await ada.auth.connect_wallet(signed);
  expect(await codeOf(ada.auth.connect_wallet(twin))).toBe("WALLET_CHALLENGE_INVALID");
  await ada.auth.connect_wallet(await signChallenge(ada, wallet));
});

it("binds a challenge to one user, one address and its purpose", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  const eve = await api.signUp();
  const signed = await signChallenge(ada, wallet);
  expect(await codeOf(eve.auth.connect_wallet(signed))).toBe("WALLET_CHALLENGE_INVALID");
  const elsewhere = { ...signed, wallet_address: other.address };
  expect(await codeOf(ada.auth.connect_wallet(elsewhere))).toBe("WALLET_CHALLENGE_INVALID");
  const tokens = api.deps.db.updateTable("auth_one_time_tokens");
  await tokens.set({ purpose: "email_verification" }).execute();
  expect(await codeOf(ada.auth.connect_wallet(signed))).toBe("WALLET_CHALLENGE_INVALID");
  await tokens.set({ purpose: "wallet_challenge" }).execute();
  expect(await codeOf(ada.auth.connect_wallet(signed))).toBeUndefined();
});

it("ends a challenge after ten minutes", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  const [early, late] = [await signChallenge(ada, wallet), await signChallenge(ada, other)];
  api.clock.advance(599_999);
  expect(await codeOf(ada.auth.connect_wallet(early))).toBeUndefined();
  api.clock.advance(1);
  expect(await codeOf(ada.auth.connect_wallet(late))).toBe("WALLET_CHALLENGE_INVALID");
});

it("puts user, address, site, times and 248 random bits into a challenge, as SNIP-12 revision 1", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  const challenges = await Promise.all(
    Array.from({ length: 2 }, () => ada.auth.wallet_challenge({ wallet_address: wallet.address })),
  );
  const { id } = await ada.auth.me();
  const issuedAt = api.clock().getTime() / 1000;
  for (const { typed_data, expires_at } of challenges) {
    expect(typed_data.domain).toMatchObject({ name: "Obsqra", chainId: "SN_SEPOLIA", revision: "1" });
    expect(typed_data.types.StarknetDomain?.map(({ name }) => name)).toContain("revision");
    expect(typed_data.message).toMatchObject({
      account: wallet.address,
      user_id: id,
      uri: "http://localhost:8000",
      issued_at: issuedAt,
      expires_at: issuedAt + 600,
    });
    expect(expires_at).toBe(new Date((issuedAt + 600) * 1000).toISOString());
  }
  const nonces = challenges.map(({ typed_data }) => String(typed_data.message.nonce));
  expect(new Set(nonces).size).toBe(2);
  for (const nonce of nonces) expect(nonce.length).toBeGreaterThan(2 + 32);
});

it("checks its own copy of the challenge, not what the wallet was made to sign", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  const challenge = await ada.auth.wallet_challenge({ wallet_address: wallet.address });
  // The contract describes typed data more loosely than the library that hashes it.
  const typedData = challenge.typed_data as TypedData;
  const changed = { ...typedData, message: { ...typedData.message, statement: "Something else" } };
  const signed = {
    challenge_id: challenge.challenge_id,
    wallet_address: wallet.address,
    signature: wallet.sign(changed),
  };
  expect(await codeOf(ada.auth.connect_wallet(signed))).toBe("WALLET_SIGNATURE_INVALID");
});

it("uses a challenge up by a verdict, good or bad", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  const refusals = [
    { signature: ["0x1", "0x2"], code: "WALLET_SIGNATURE_INVALID" },
    { signature: [`0x${"f".repeat(64)}`, "0x2"], code: "WALLET_SIGNATURE_INVALID" },
  ];
  for (const { signature, code } of refusals) {
    const signed = await signChallenge(ada, wallet);
    expect(await codeOf(ada.auth.connect_wallet({ ...signed, signature }))).toBe(code);
    expect(await codeOf(ada.auth.connect_wallet(signed))).toBe("WALLET_CHALLENGE_INVALID");
  }
  expect(await ada.auth.me()).toMatchObject({ wallet_address: null });
});

it("takes trouble with the node for trouble, not for a bad signature, and lets the user try again", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  const signed = await signChallenge(ada, wallet);
  for (const failure of troubles) {
    api.node.failAlways(failure);
    expect(await codeOf(ada.auth.connect_wallet(signed))).toBe("CHAIN_UNAVAILABLE");
    expect(await codeOf(ada.auth.wallet_challenge(signed))).toBe("CHAIN_UNAVAILABLE");
  }
  api.node.failAlways(undefined);
  expect(await ada.auth.connect_wallet(signed)).toMatchObject({ wallet_address: wallet.address });
});

it("does not judge a wallet when the node does not respond in time, and lets the user try again", async () => {
  const timeouts: AbortController[] = [];
  let hangs = false;
  await using api = await createChainTestApi(
    { accounts, onRequest: () => hangs && timeouts.at(-1)?.abort() },
    {
      timeoutSignal: () => {
        const timeout = new AbortController();
        timeouts.push(timeout);
        return timeout.signal;
      },
    },
  );
  const ada = await api.signUp();
  const signed = await signChallenge(ada, wallet);
  hangs = true;
  api.node.failAlways("hang");
  expect(await codeOf(ada.auth.connect_wallet(signed))).toBe("CHAIN_UNAVAILABLE");
  hangs = false;
  api.node.failAlways(undefined);
  expect(await ada.auth.connect_wallet(signed)).toMatchObject({ wallet_address: wallet.address });
});

it("links nothing by a node that serves another network", async () => {
  await using api = await createChainTestApi({ chainId: "SN_MAIN", accounts });
  const ada = await api.signUp();
  expect(await codeOf(signChallenge(ada, wallet))).toBe("CHAIN_UNAVAILABLE");
  expect(api.node.requests.map(({ method }) => method)).not.toContain("starknet_call");
});

it("links nothing when no node is configured", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  expect(await codeOf(signChallenge(ada, wallet))).toBe("CHAIN_NOT_CONFIGURED");
});

it("refuses a signature when the account returns 0xdeadbeef, 0, nothing, or more than one felt", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  for (const felts of [["0xdeadbeef"], ["0x0"], [], ["0x56414c4944", "0x0"]]) {
    api.node.deploy({ ...wallet.account, behaviour: { kind: "returns", felts } });
    expect(await codeOf(link(ada, wallet))).toBe("WALLET_SIGNATURE_INVALID");
  }
});

it("accepts a signature when the account returns VALID or 1, and refuses a bad one when it reverts", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  for (const kind of ["standard", "bool", "reverts"] as const) {
    api.node.deploy({ ...wallet.account, behaviour: { kind } });
    expect(await codeOf(link(ada, wallet))).toBeUndefined();
    const forged = { ...(await signChallenge(ada, wallet)), signature: other.signHash("0x5") };
    expect(await codeOf(ada.auth.connect_wallet(forged))).toBe("WALLET_SIGNATURE_INVALID");
  }
});

it("asks is_valid_signature alone, never the entry point under its old name", async () => {
  const contract = { ...wallet.account, behaviour: { kind: "no_entry_point" as const } };
  await using api = await createChainTestApi({ accounts: [contract] });
  const ada = await api.signUp();
  expect(await codeOf(link(ada, wallet))).toBe("WALLET_NOT_DEPLOYED");
  const calls = api.node.requests.filter(({ method }) => method === "starknet_call");
  expect(calls).toMatchObject([
    {
      params: {
        request: {
          // starknet.js: hash.getSelectorFromName("is_valid_signature")
          entry_point_selector: "0x28420862938116cb3bbdbedee07451ccc54d4e9412dbef71142ad1980a30941",
        },
      },
    },
  ]);
});

it("passes a signature of any shape to the account untouched, up to 128 felts", async () => {
  const account = { ...wallet.account, behaviour: { kind: "returns" as const, felts: ["0x1"] } };
  await using api = await createChainTestApi({ accounts: [account] });
  const ada = await api.signUp();
  for (const length of [1, 5, 128]) {
    const signature = Array.from({ length }, (_, index) => `0x${(index + 1).toString(16)}`);
    await ada.auth.connect_wallet({ ...(await signChallenge(ada, wallet)), signature });
    const calldata = [expect.any(String), `0x${length.toString(16)}`, ...signature];
    expect(api.node.requests.at(-1)).toMatchObject({ params: { request: { calldata } } });
  }
  for (const length of [0, 129]) {
    const signed = { ...(await signChallenge(ada, wallet)), signature: Array(length).fill("0x1") };
    expect(await codeOf(ada.auth.connect_wallet(signed))).toBe("VALIDATION_FAILED");
    expect(await codeOf(ada.auth.connect_wallet({ ...signed, signature: ["0x1"] }))).toBeUndefined();
  }
});

it("links no wallet for a session that has ended, though its access token still lives", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp("ada@example.org");
  const signed = await signChallenge(ada, wallet);
  await ada.auth.logout();
  expect(await codeOf(ada.auth.connect_wallet(signed))).toBe("TOKEN_INVALID");
  expect(await codeOf(ada.auth.wallet_challenge(signed))).toBe("TOKEN_INVALID");
  expect(await api.deps.db.selectFrom("user_wallets").select("address").execute()).toEqual([]);
});
