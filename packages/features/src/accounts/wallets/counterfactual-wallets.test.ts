import { calculateContractAddress, hashTypedData, type TypedData } from "@obsqra/starknet";
import { createTestWallet } from "@obsqra/starknet/testing";
import { expect, it } from "vitest";
import {
  type ChainTestApi,
  codeOf,
  createChainTestApi,
  errorOf,
  link,
  linkCounterfactual,
  signChallenge,
} from "../../testing/index.ts";
import { recheckCounterfactualWallets } from "./wallet-rechecks.service.ts";

const privateKey = "0x1234567890abcdef";
const wallet = createTestWallet({ privateKey, kind: "argent" });
const second = createTestWallet({ privateKey: "0x2", kind: "braavos" });
const third = createTestWallet({ privateKey: "0x3", kind: "openzeppelin" });
const stranger = createTestWallet({ privateKey: "0x777" });
const minuteMs = 60_000;

it.each(["openzeppelin", "argent", "braavos"] as const)(
  "links an account of %s that is not deployed yet by the key that its address commits to",
  async (kind) => {
    const undeployed = createTestWallet({ privateKey, kind });
    await using api = await createChainTestApi();
    const ada = await api.signUp();
    expect(await linkCounterfactual(ada, undeployed)).toMatchObject({ wallet_address: undeployed.address });
    expect((await ada.auth.wallets()).items).toMatchObject([
      { wallet_address: undeployed.address, state: "counterfactual", is_primary: true },
    ]);
    expect((await ada.users.audit_log({ type: "wallet_linked" })).items).toMatchObject([
      { details: { wallet_address: undeployed.address, state: "counterfactual" } },
    ]);
  },
);

it("links it by what the wallet itself tells of its deployment, and by a signature in decimal", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  const { constructor_calldata, ...rest } = wallet.deployment;
  const { signature, ...challenge } = await signChallenge(ada, wallet);
  const [r = "", s = ""] = signature.map((each) => String(BigInt(each)));
  const given = { ...rest, address: wallet.address, calldata: [...constructor_calldata], version: 1 };
  const user = await ada.auth.connect_wallet({ ...challenge, signature: { r, s }, deployment: given });
  expect(user).toMatchObject({ wallet_address: wallet.address });
});

it("keeps hash and signature of an account that is not deployed, so that it can be asked later", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  await linkCounterfactual(ada, wallet);
  const [row] = await readWallets(api);
  expect(row).toMatchObject({ signed_hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) });
  expect(row?.signature).toEqual(wallet.signHash(row?.signed_hash ?? ""));
});

it("links no account that is not deployed without its deployment", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  expect(await codeOf(link(ada, wallet))).toBe("WALLET_NOT_DEPLOYED");
});

it("refuses a deployment of an unknown class, of another address, or with a guardian, and says which", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  const guarded = {
    ...wallet.deployment,
    constructor_calldata: ["0x0", wallet.publicKey, "0x0", "0x0", "0xdead"],
  };
  for (const [refused, reason] of [
    [stranger, "class_unknown"],
    [{ ...wallet, deployment: { ...wallet.deployment, salt: "0x1" } }, "address_differs"],
    [{ ...wallet, deployment: { ...wallet.deployment, salt: `0x${"f".repeat(64)}` } }, "address_differs"],
    [
      { ...wallet, address: calculateContractAddress(guarded), deployment: guarded },
      "constructor_unsupported",
    ],
  ] as const) {
    expect(await errorOf(linkCounterfactual(ada, refused))).toMatchObject({
      code: "WALLET_DEPLOYMENT_INVALID",
      details: { reason },
    });
  }
  expect((await ada.auth.wallets()).items).toEqual([]);
});

it("refuses a deployment whose key has not signed the challenge, which uses it up", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  const { deployment } = wallet;
  const input = { ...(await signChallenge(ada, wallet)), deployment: toInput(deployment) };
  const forged = { ...input, signature: stranger.signHash("0x5") };
  expect(await codeOf(ada.auth.connect_wallet(forged))).toBe("WALLET_SIGNATURE_INVALID");
  expect(await codeOf(ada.auth.connect_wallet(input))).toBe("WALLET_CHALLENGE_INVALID");
});

it("believes a deployed account alone, though a deployment was sent along", async () => {
  await using api = await createChainTestApi({
    accounts: [{ ...wallet.account, publicKey: stranger.publicKey }, second.account],
  });
  const ada = await api.signUp();
  // The key that the address commits to signs, but the account has another owner by now.
  expect(await codeOf(linkCounterfactual(ada, wallet))).toBe("WALLET_SIGNATURE_INVALID");
  await linkCounterfactual(ada, second);
  expect((await ada.auth.wallets()).items).toMatchObject([
    { wallet_address: second.address, state: "deployed" },
  ]);
});

it("takes trouble with the node for trouble, not for an account that is not deployed", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  const input = { ...(await signChallenge(ada, wallet)), deployment: toInput(wallet.deployment) };
  api.node.failAlways("http_500");
  expect(await codeOf(ada.auth.connect_wallet(input))).toBe("CHAIN_UNAVAILABLE");
  api.node.failAlways(undefined);
  expect(await codeOf(ada.auth.connect_wallet(input))).toBeUndefined();
});

it("asks an account once it is deployed, and forgets hash and signature when it accepts them", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  await linkCounterfactual(ada, wallet);
  await linkCounterfactual(ada, second);
  api.node.deploy(wallet.account);
  api.clock.advance(minuteMs);
  expect(await recheck(api)).toEqual({ deployed: 1, waiting: 1, refused: 0, undecided: 0 });
  const now = api.clock().toISOString();
  expect((await ada.auth.wallets()).items).toMatchObject([
    { wallet_address: wallet.address, state: "deployed", checked_at: now },
    { wallet_address: second.address, state: "counterfactual", checked_at: now },
  ]);
  expect(await readWallets(api)).toMatchObject([
    { address: wallet.address, signed_hash: null, signature: null },
    { address: second.address, signed_hash: expect.any(String), signature: expect.any(Array) },
  ]);
  expect(await recheck(api)).toMatchObject({ deployed: 0, waiting: 1 });
});

it("unlinks an account that does not accept the signature once it is deployed, and moves the primary wallet on", async () => {
  await using api = await createChainTestApi({ accounts: [third.account] });
  const ada = await api.signUp();
  for (const each of [wallet, second, third]) {
    await linkCounterfactual(ada, each);
    api.clock.advance(1000);
  }
  api.node.deploy({ ...wallet.account, publicKey: stranger.publicKey, behaviour: { kind: "reverts" } });
  api.node.deploy({ ...second.account, behaviour: { kind: "no_entry_point" } });
  expect(await recheck(api)).toEqual({ deployed: 0, waiting: 0, refused: 2, undecided: 0 });
  expect((await ada.auth.wallets()).items).toMatchObject([
    { wallet_address: third.address, is_primary: true },
  ]);
  expect(await ada.auth.me()).toMatchObject({ wallet_address: third.address });
  expect((await ada.users.audit_log({ type: "wallet_refused" })).items).toMatchObject([
    { ip: null, user_agent: null, details: { wallet_address: second.address } },
    {
      ip: null,
      user_agent: null,
      details: { wallet_address: wallet.address, primary_wallet: second.address },
    },
  ]);
});

it("refuses an account once, when two servers ask it at once", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  await linkCounterfactual(ada, wallet);
  api.node.deploy({ ...wallet.account, publicKey: stranger.publicKey });
  await Promise.all([recheck(api), recheck(api)]);
  expect((await ada.users.audit_log({ type: "wallet_refused" })).items).toHaveLength(1);
  expect((await ada.auth.wallets()).items).toEqual([]);
});

it("leaves a wallet as it is when the node is in trouble, and tries it again next time", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  await linkCounterfactual(ada, wallet);
  await linkCounterfactual(ada, second);
  api.node.deploy({ ...wallet.account, publicKey: stranger.publicKey });
  const before = await readWallets(api);
  api.clock.advance(minuteMs);
  for (const failure of ["http_500", "disconnect", "internal_error", "wrong_shape"] as const) {
    api.node.failAlways(failure);
    // The node is down, so that the other wallet is not asked about.
    expect(await recheck(api)).toEqual({ deployed: 0, waiting: 0, refused: 0, undecided: 1 });
  }
  expect(await readWallets(api)).toEqual(before);
  expect(api.logged).toHaveLength(4);
  api.node.failAlways(undefined);
  expect(await recheck(api)).toMatchObject({ waiting: 1, refused: 1 });
});

it("goes on to the next account when the node cannot run one", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  await linkCounterfactual(ada, wallet);
  api.clock.advance(1000);
  await linkCounterfactual(ada, second);
  api.node.deploy(second.account);
  api.node.failNext("internal_error");
  api.clock.advance(minuteMs);
  expect(await recheck(api)).toEqual({ deployed: 1, waiting: 0, refused: 0, undecided: 1 });
  // In the next run its turn comes after those of the others.
  const undecided = (await ada.auth.wallets()).items.find(
    ({ wallet_address }) => wallet_address === wallet.address,
  );
  expect(undecided).toMatchObject({ state: "counterfactual", checked_at: api.clock().toISOString() });
});

it("asks those first that were asked longest ago", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  for (const each of [second, wallet, third]) {
    await linkCounterfactual(ada, each);
    api.clock.advance(1000);
  }
  await linkCounterfactual(ada, second);
  const asked = api.node.requests.length;
  await recheck(api);
  const addresses = api.node.requests
    .slice(asked)
    .map(({ params }) =>
      BigInt((params as { request: { contract_address: string } }).request.contract_address),
    );
  expect(addresses).toEqual([wallet, third, second].map(({ address }) => BigInt(address)));
});

it("asks nothing after it was told to stop, or without a node", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  await linkCounterfactual(ada, wallet);
  const asked = api.node.requests.length;
  const nothing = { deployed: 0, waiting: 0, refused: 0, undecided: 0 };
  expect(await recheckCounterfactualWallets(api.deps, AbortSignal.abort())).toEqual(nothing);
  const withoutNode = { ...api.deps, chain: undefined };
  expect(await recheckCounterfactualWallets(withoutNode, new AbortController().signal)).toEqual(nothing);
  expect(api.node.requests).toHaveLength(asked);
});

it("asks the account when its owner connects it again after deploying it", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  await linkCounterfactual(ada, wallet);
  api.node.deploy(wallet.account);
  api.clock.advance(1000);
  await link(ada, wallet);
  expect((await ada.auth.wallets()).items).toMatchObject([
    { state: "deployed", checked_at: api.clock().toISOString() },
  ]);
  expect(await readWallets(api)).toMatchObject([{ signed_hash: null, signature: null }]);
  expect((await ada.users.audit_log({ type: "wallet_linked" })).items).toMatchObject([
    { details: { state: "deployed" } },
    { details: { state: "counterfactual" } },
  ]);
});

it("unlinks it at once when its owner connects it again and the deployed account accepts neither signature", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  await linkCounterfactual(ada, wallet);
  api.node.deploy({ ...wallet.account, publicKey: stranger.publicKey });
  expect(await codeOf(link(ada, wallet))).toBe("WALLET_SIGNATURE_INVALID");
  expect((await ada.auth.wallets()).items).toEqual([]);
  expect((await ada.users.audit_log({ type: "wallet_refused" })).items).toHaveLength(1);
});

it("gives way to the owner of the deployed account, when that is another user", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  const eve = await api.signUp();
  await linkCounterfactual(ada, wallet);
  api.node.deploy({ ...wallet.account, publicKey: stranger.publicKey });
  const sign = (data: TypedData) => stranger.signHash(hashTypedData(data, wallet.address));
  expect(await link(eve, { ...wallet, sign })).toMatchObject({ wallet_address: wallet.address });
  expect(await ada.auth.me()).toMatchObject({ wallet_address: null });
  expect((await ada.users.audit_log({ type: "wallet_refused" })).items).toHaveLength(1);
});

it("does not give way while the deployed account accepts the signature of the user who linked it", async () => {
  const anything = { kind: "returns" as const, felts: ["0x1"] };
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  const eve = await api.signUp();
  await linkCounterfactual(ada, wallet);
  api.node.deploy({ ...wallet.account, behaviour: anything });
  expect(await codeOf(link(eve, wallet))).toBe("WALLET_TAKEN");
  expect((await ada.auth.wallets()).items).toMatchObject([{ state: "deployed" }]);
});

it("keeps a wallet that is not deployed with the first user who linked it", async () => {
  await using api = await createChainTestApi();
  const ada = await api.signUp();
  const eve = await api.signUp();
  await linkCounterfactual(ada, wallet);
  expect(await codeOf(linkCounterfactual(eve, wallet))).toBe("WALLET_TAKEN");
});

function recheck(api: ChainTestApi) {
  return recheckCounterfactualWallets(api.deps, new AbortController().signal);
}

async function readWallets(api: ChainTestApi) {
  return api.deps.db.selectFrom("user_wallets").selectAll().orderBy("address").execute();
}

function toInput(deployment: typeof wallet.deployment) {
  return { ...deployment, constructor_calldata: [...deployment.constructor_calldata] };
}
