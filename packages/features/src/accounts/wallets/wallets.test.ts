import type { AuditEventType } from "@obsqra/contract";
import { checksumAddress } from "@obsqra/starknet";
import { createTestWallet } from "@obsqra/starknet/testing";
import { expect, it } from "vitest";
import {
  type ChainTestApi,
  codeOf,
  createChainTestApi,
  errorOf,
  link,
  readMails,
  signChallenge,
} from "../../testing/index.ts";

type Caller = Awaited<ReturnType<ChainTestApi["signUp"]>>;

const wallet = createTestWallet({ privateKey: "0x1234567890abcdef" });
const second = createTestWallet({ privateKey: "0x2" });
const third = createTestWallet({ privateKey: "0x3" });
const accounts = [wallet.account, second.account, third.account];

it("links a wallet that signed its challenge, and writes it into the audit log", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  expect(await link(ada, wallet)).toMatchObject({ wallet_address: wallet.address });
  expect(await ada.auth.me()).toMatchObject({ wallet_address: wallet.address });
  const now = api.clock().toISOString();
  expect(await ada.auth.wallets()).toEqual({
    items: [
      {
        wallet_address: wallet.address,
        is_primary: true,
        state: "deployed",
        linked_at: now,
        checked_at: now,
      },
    ],
    next_cursor: null,
  });
  expect(await eventsOf(ada, "wallet_linked")).toMatchObject([
    { ip: "127.0.0.1", details: { wallet_address: wallet.address, state: "deployed" } },
  ]);
});

it("tells the owner of a new wallet by mail, once, and in an event that names the entry of the audit log", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  await link(ada, wallet);
  await link(ada, wallet);
  const { email } = await ada.auth.me();
  const mails = (await readMails(api)).filter(({ template }) => template === "wallet_linked");
  const at = api.clock().toISOString();
  expect(mails).toEqual([{ template: "wallet_linked", to: email, at, wallet_address: wallet.address }]);
  const linked = await api.deps.db
    .selectFrom("events")
    .select("payload")
    .where("type", "=", "wallet.linked")
    .execute();
  const [entry] = await eventsOf(ada, "wallet_linked");
  expect(linked).toEqual([{ payload: { state: "deployed", audit_event_id: entry?.id } }]);
});

it("makes the first wallet the primary one, and lists wallets as they were linked, whichever is the primary one", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  for (const each of [second, third, wallet]) {
    expect(await link(ada, each)).toMatchObject({ wallet_address: second.address });
    api.clock.advance(1000);
  }
  expect(await listed(ada)).toEqual([
    [second.address, true],
    [third.address, false],
    [wallet.address, false],
  ]);
  await ada.auth.set_primary_wallet({ wallet_address: wallet.address });
  expect(await listed(ada)).toEqual([
    [second.address, false],
    [third.address, false],
    [wallet.address, true],
  ]);
});

it("makes another wallet the primary one, however often it is asked to, and writes it down once", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  await link(ada, wallet);
  await link(ada, second);
  const input = { wallet_address: second.address };
  const results = await Promise.all(Array.from({ length: 5 }, () => ada.auth.set_primary_wallet(input)));
  for (const result of results) expect(result).toMatchObject(input);
  expect(await ada.auth.me()).toMatchObject(input);
  expect(await eventsOf(ada, "primary_wallet_changed")).toMatchObject([{ details: input }]);
});

it("puts the wallet that was linked first of the others in the place of an unlinked primary one", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  for (const each of [wallet, third, second]) {
    await link(ada, each);
    api.clock.advance(1000);
  }
  const unlink = async ({ address }: typeof wallet) =>
    (await ada.auth.unlink_wallet({ wallet_address: address })).wallet_address;
  expect(await unlink(wallet)).toBe(third.address);
  expect(await unlink(second)).toBe(third.address);
  expect(await unlink(third)).toBeNull();
  expect((await ada.auth.wallets()).items).toEqual([]);
  expect(await eventsOf(ada, "wallet_unlinked")).toMatchObject([
    { details: { wallet_address: third.address, primary_wallet: null } },
    { details: { wallet_address: second.address, primary_wallet: third.address } },
    { details: { wallet_address: wallet.address, primary_wallet: third.address } },
  ]);
});

it("keeps a wallet with the first user who linked it, until it is unlinked", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  const eve = await api.signUp();
  await link(ada, wallet);
  expect(await codeOf(link(eve, wallet))).toBe("WALLET_TAKEN");
  expect(await eve.auth.me()).toMatchObject({ wallet_address: null });
  await ada.auth.unlink_wallet({ wallet_address: wallet.address });
  expect(await link(eve, wallet)).toMatchObject({ wallet_address: wallet.address });
});

it("treats another user's wallet like one that nobody has linked", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  const eve = await api.signUp();
  await link(ada, wallet);
  const calls = [
    (wallet_address: string) => eve.auth.set_primary_wallet({ wallet_address }),
    (wallet_address: string) => eve.auth.unlink_wallet({ wallet_address }),
  ];
  for (const call of calls) {
    const foreign = await errorOf(call(wallet.address));
    expect(foreign).toMatchObject({ code: "WALLET_NOT_FOUND" });
    expect(String(foreign)).toBe(String(await errorOf(call(second.address))));
  }
  expect((await eve.auth.wallets()).items).toEqual([]);
  expect(await listed(ada)).toEqual([[wallet.address, true]]);
});

it("takes an address in any spelling, but not with a wrong checksum, and keeps one spelling", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  const checksummed = checksumAddress(wallet.address);
  const spellings = [checksummed, `0x${wallet.address.slice(2).toUpperCase()}`];
  for (const wallet_address of spellings) {
    const signed = await signChallenge(ada, { ...wallet, address: wallet_address });
    expect(await ada.auth.connect_wallet(signed)).toMatchObject({ wallet_address: wallet.address });
    await ada.auth.set_primary_wallet({ wallet_address });
  }
  expect(await listed(ada)).toEqual([[wallet.address, true]]);
  const wrong = { wallet_address: swapCaseOfOneLetter(checksummed) };
  expect(await codeOf(ada.auth.wallet_challenge(wrong))).toBe("WALLET_ADDRESS_INVALID");
  expect(await codeOf(ada.auth.set_primary_wallet(wrong))).toBe("WALLET_ADDRESS_INVALID");
  expect(await codeOf(ada.auth.unlink_wallet(wrong))).toBe("WALLET_ADDRESS_INVALID");
  await ada.auth.unlink_wallet({ wallet_address: checksummed });
  expect(await listed(ada)).toEqual([]);
});

it("checks a wallet again that is linked already: neither taken, nor linked anew, nor written down again", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  await link(ada, second);
  const linkedAt = api.clock().toISOString();
  api.clock.advance(60_000);
  expect(await link(ada, second)).toMatchObject({ wallet_address: second.address });
  expect((await ada.auth.wallets()).items).toMatchObject([
    { linked_at: linkedAt, checked_at: api.clock().toISOString(), is_primary: true },
  ]);
  expect(await eventsOf(ada, "wallet_linked")).toHaveLength(1);
});

it("refuses an address that no account can have", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  for (const wallet_address of ["0x0", "0x1", `0x${"f".repeat(64)}`]) {
    expect(await codeOf(ada.auth.wallet_challenge({ wallet_address }))).toBe("WALLET_ADDRESS_INVALID");
  }
});

/** What the user's audit log has of a type, newest first. */
async function eventsOf(caller: Caller, type: AuditEventType) {
  return (await caller.users.audit_log({ type })).items;
}

async function listed(caller: Caller) {
  const { items } = await caller.auth.wallets();
  return items.map(({ wallet_address, is_primary }) => [wallet_address, is_primary]);
}

function swapCaseOfOneLetter(text: string): string {
  return text.replace(/[a-f](?=[^a-f]*$)/, (letter) => letter.toUpperCase());
}
