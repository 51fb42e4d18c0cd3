import { walletsMax } from "@obsqra/contract";
import { createTestWallet } from "@obsqra/starknet/testing";
import { expect, it } from "vitest";
import { createCaller } from "../../root.ts";
import { type ChainTestApi, codeOf, createChainTestApi, link, signChallenge } from "../../testing/index.ts";

type Caller = Awaited<ReturnType<ChainTestApi["signUp"]>>;

const wallet = createTestWallet({ privateKey: "0x1234567890abcdef" });
const second = createTestWallet({ privateKey: "0x2" });
const third = createTestWallet({ privateKey: "0x3" });
const accounts = [wallet.account, second.account, third.account];

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

async function listed(caller: Caller) {
  const { items } = await caller.auth.wallets();
  return items.map(({ wallet_address, is_primary }) => [wallet_address, is_primary]);
}

function at<TItem>(items: readonly TItem[], index: number): TItem {
  const item = items[index];
  if (item === undefined) throw new Error(`There is no item ${index}.`);
  return item;
}
