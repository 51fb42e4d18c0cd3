import { type AuditEventType, walletsMax } from "@obsqra/contract";
import { checksumAddress } from "@obsqra/starknet";
import { createTestWallet } from "@obsqra/starknet/testing";
import { expect, it } from "vitest";
import { createCaller } from "../../root.ts";
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

it("gives wallets page by page, each once, while the primary one changes", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  for (const each of [second, third, wallet]) await link(ada, each);
  const { items } = await ada.auth.wallets();
  const paged: typeof items = [];
  let cursor: string | undefined;
  do {
    const page = await ada.auth.wallets({ limit: 1, cursor });
    paged.push(...page.items);
    await ada.auth.set_primary_wallet({ wallet_address: wallet.address });
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  const addresses = (of: typeof items) => of.map(({ wallet_address }) => wallet_address);
  expect(addresses(paged)).toEqual(addresses(items));
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

it("never names a primary wallet that is not linked, whatever is set and unlinked at once", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  for (const each of [wallet, second, third]) await link(ada, each);
  await Promise.all([
    codeOf(ada.auth.set_primary_wallet({ wallet_address: second.address })),
    codeOf(ada.auth.unlink_wallet({ wallet_address: second.address })),
    codeOf(ada.auth.unlink_wallet({ wallet_address: wallet.address })),
    codeOf(ada.auth.set_primary_wallet({ wallet_address: wallet.address })),
  ]);
  expect(await listed(ada)).toEqual([[third.address, true]]);
  expect(await ada.auth.me()).toMatchObject({ wallet_address: third.address });
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

it("gives a wallet that two users link at once to one of them", async () => {
  await using api = await createChainTestApi({ accounts });
  const callers = await Promise.all([api.signUp(), api.signUp()]);
  const signed = await Promise.all(callers.map((caller) => signChallenge(caller, wallet)));
  const codes = await Promise.all(
    callers.map((caller, index) => codeOf(caller.auth.connect_wallet(at(signed, index)))),
  );
  expect(codes.toSorted()).toEqual(["WALLET_TAKEN", undefined]);
  const owners = await Promise.all(callers.map((caller) => caller.auth.wallets()));
  expect(owners.flatMap(({ items }) => items)).toHaveLength(1);
});

it("keeps a wallet with the user to whom an older server has linked it", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  const { id } = await ada.auth.me();
  // What an older server does: no entry in user_wallets.
  const change = { wallet_address: wallet.address };
  await api.deps.db.updateTable("users").set(change).where("id", "=", id).execute();
  const eve = await api.signUp();
  expect(await codeOf(link(eve, wallet))).toBe("WALLET_TAKEN");
  await link(eve, second);
  expect(await codeOf(link(eve, wallet))).toBe("WALLET_TAKEN");
  await link(ada, wallet);
  expect(await listed(ada)).toEqual([[wallet.address, true]]);
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

it("links 20 wallets and no more, however many are linked at once, and still checks a linked one again", async () => {
  const wallets = Array.from({ length: walletsMax + 2 }, (_, index) =>
    createTestWallet({ privateKey: `0x${(index + 10).toString(16)}` }),
  );
  await using api = await createChainTestApi({ accounts: wallets.map(({ account }) => account) });
  const ada = await api.signUp();
  for (const each of wallets.slice(0, walletsMax - 2)) await link(ada, each);
  const signed = await Promise.all(wallets.slice(-4).map((each) => signChallenge(ada, each)));
  const codes = await Promise.all(signed.map((input) => codeOf(ada.auth.connect_wallet(input))));
  expect(codes.filter((code) => code === "WALLET_LIMIT_REACHED")).toHaveLength(2);
  expect(await listed(ada)).toHaveLength(walletsMax);
  api.clock.advance(1000);
  await link(ada, at(wallets, 0));
  const { items } = await ada.auth.wallets();
  const checkedAgain = items.filter(({ checked_at }) => checked_at === api.clock().toISOString());
  expect(checkedAgain.map(({ wallet_address }) => wallet_address)).toEqual([at(wallets, 0).address]);
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

it("changes wallets while the same user signs in elsewhere, and neither waits for the other for ever", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp("ada@example.org");
  await link(ada, wallet);
  await link(ada, second);
  const credentials = { email: "ada@example.org", password: "correct horse battery" };
  const codes = await Promise.all(
    [wallet, second, wallet, second, wallet, second].flatMap(({ address }, index) => {
      const request = { id: "test", access_token: undefined, ip: `10.${index}.0.1`, user_agent: "test" };
      return [
        codeOf(ada.auth.set_primary_wallet({ wallet_address: address })),
        codeOf(createCaller({ ...api.deps, request }).auth.login(credentials)),
      ];
    }),
  );
  expect(new Set(codes)).toEqual(new Set([undefined]));
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

function at<TItem>(items: readonly TItem[], index: number): TItem {
  const item = items[index];
  if (item === undefined) throw new Error(`There is no item ${index}.`);
  return item;
}

function swapCaseOfOneLetter(text: string): string {
  return text.replace(/[a-f](?=[^a-f]*$)/, (letter) => letter.toUpperCase());
}
