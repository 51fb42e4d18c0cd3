import type { TypedData } from "@obsqra/starknet";
import { createRpcChainReader } from "@obsqra/starknet";
import { createTestWallet, startFakeNode } from "@obsqra/starknet/testing";
import { expect, it } from "vitest";
import { codeOf, createTestApi } from "../testing/index.ts";

const wallet = createTestWallet({ privateKey: "0x1234567890abcdef" });

async function startChain() {
  const node = await startFakeNode({ chainId: "SN_SEPOLIA", accounts: [wallet.account] });
  const chain = createRpcChainReader({ url: node.url, expectedChainId: "SN_SEPOLIA", fetch, retries: 0 });
  return { node, chain };
}

type Caller = Awaited<ReturnType<Awaited<ReturnType<typeof createTestApi>>["signUp"]>>;

/** Asks for a challenge and signs it as the wallet would. */
async function sign(caller: Caller) {
  const challenge = await caller.auth.wallet_challenge({ wallet_address: wallet.address });
  const signature = wallet.sign(challenge.typed_data as unknown as TypedData);
  return { challenge_id: challenge.challenge_id, wallet_address: wallet.address, signature };
}

it("links a wallet that signed its challenge", async () => {
  const { node, chain } = await startChain();
  await using _node = node;
  await using api = await createTestApi({ chain });
  const ada = await api.signUp("ada@example.org");
  expect(await ada.auth.connect_wallet(await sign(ada))).toMatchObject({ wallet_address: wallet.address });
  expect(await ada.auth.me()).toMatchObject({ wallet_address: wallet.address });
});

it("accepts a challenge once", async () => {
  const { node, chain } = await startChain();
  await using _node = node;
  await using api = await createTestApi({ chain });
  const ada = await api.signUp("ada@example.org");
  const signed = await sign(ada);
  await ada.auth.connect_wallet(signed);
  expect(await codeOf(ada.auth.connect_wallet(signed))).toBe("WALLET_CHALLENGE_INVALID");
});

it("refuses another user's challenge, a wrong signature, and a challenge of ten minutes ago", async () => {
  const { node, chain } = await startChain();
  await using _node = node;
  await using api = await createTestApi({ chain });
  const ada = await api.signUp("ada@example.org");
  const eve = await api.signUp("eve@example.org");
  const signed = await sign(ada);
  expect(await codeOf(eve.auth.connect_wallet(signed))).toBe("WALLET_CHALLENGE_INVALID");
  const forged = { ...(await sign(ada)), signature: ["0x1", "0x2"] };
  expect(await codeOf(ada.auth.connect_wallet(forged))).toBe("WALLET_SIGNATURE_INVALID");
  api.clock.advance(600_001);
  expect(await codeOf(ada.auth.connect_wallet(signed))).toBe("WALLET_CHALLENGE_INVALID");
});

it("keeps a wallet with the first user who linked it", async () => {
  const { node, chain } = await startChain();
  await using _node = node;
  await using api = await createTestApi({ chain });
  const ada = await api.signUp("ada@example.org");
  const eve = await api.signUp("eve@example.org");
  await ada.auth.connect_wallet(await sign(ada));
  expect(await codeOf(eve.auth.connect_wallet(await sign(eve)))).toBe("WALLET_TAKEN");
});

it("takes trouble with the node for trouble, not for a bad signature, and lets the user try again", async () => {
  const { node, chain } = await startChain();
  await using _node = node;
  await using api = await createTestApi({ chain });
  const ada = await api.signUp("ada@example.org");
  const signed = await sign(ada);
  node.failAlways("http_500");
  expect(await codeOf(ada.auth.connect_wallet(signed))).toBe("CHAIN_UNAVAILABLE");
  node.failAlways(undefined);
  expect(await ada.auth.connect_wallet(signed)).toMatchObject({ wallet_address: wallet.address });
});

it("links nothing when no node is configured", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  expect(await codeOf(ada.auth.wallet_challenge({ wallet_address: wallet.address }))).toBe(
    "CHAIN_NOT_CONFIGURED",
  );
});

it("links no wallet for a session that has ended, though its access token still lives", async () => {
  const { node, chain } = await startChain();
  await using _node = node;
  await using api = await createTestApi({ chain });
  const ada = await api.signUp("ada@example.org");
  const signed = await sign(ada);
  await ada.auth.logout();
  expect(await codeOf(ada.auth.connect_wallet(signed))).toBe("TOKEN_INVALID");
  expect(await codeOf(ada.auth.wallet_challenge({ wallet_address: wallet.address }))).toBe("TOKEN_INVALID");
  expect(await ada.auth.me()).toMatchObject({ wallet_address: null });
});

it("refuses an address that no account can have", async () => {
  const { node, chain } = await startChain();
  await using _node = node;
  await using api = await createTestApi({ chain });
  const ada = await api.signUp("ada@example.org");
  expect(await codeOf(ada.auth.wallet_challenge({ wallet_address: "0x0" }))).toBe("WALLET_ADDRESS_INVALID");
});
