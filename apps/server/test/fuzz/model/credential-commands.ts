import { isDeepStrictEqual } from "node:util";
import type { ApiKey, NewApiKey, Session, User, Wallet, WalletChallenge } from "@obsqra/contract";
import { scope } from "@obsqra/contract";
import type { TypedData } from "@obsqra/starknet";
import { createTestWallet, type TestWallet } from "@obsqra/starknet/testing";
import fc from "fast-check";
import { defineCommand, pickUser, travel, travelling } from "./command.ts";
import { listAll } from "./list-all.ts";
import { assertEnded, recentSessionOf, tokenOf } from "./sessions.ts";
import { ask, askInVain, type ModelApiKey, type ModelUser, promise, type World, wait } from "./world.ts";

const who = fc.nat(20);
const limit = fc.integer({ min: 1, max: 100 });
const keysMax = 20;
const walletsOfWorld = 3;

/** What users do with what opens an account beside its password: sessions, API keys, wallets. */
export const credentialCommands = [
  defineCommand({
    name: "list sessions to the end",
    parameters: fc.record({ who, limit, travel }),
    run: async (world, { who, limit, travel: { via } }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const listed = await listAll<Session>(world, { path: "auth.sessions", input: { limit }, bearer, via });
      promise(
        listed.length === user.sessions.length,
        "every live session is listed once",
        listed.length,
        user.sessions.length,
      );
      promise(
        listed.filter(({ is_current }) => is_current).length === 1,
        "one session is the one that asks",
        listed,
      );
    },
  }),
  defineCommand({
    name: "end a session",
    parameters: fc.record({ who, travel }),
    run: async (world, { who, travel }) => {
      const user = pickUser(world, who);
      const { access_token: bearer } = await recentSessionOf(world, user);
      const sessions = await listAll<Session>(world, { path: "auth.sessions", input: {}, bearer });
      const current = sessions.find(({ is_current }) => is_current);
      if (current === undefined) return;
      const input = { session_id: current.id };
      const stranger = world.users.find((other) => other !== user && other.state === "active");
      if (stranger !== undefined) {
        const foreign = (await recentSessionOf(world, stranger)).access_token;
        await askInVain(world, { path: "auth.revoke_session", input, bearer: foreign }, "SESSION_NOT_FOUND");
      }
      await ask(world, {
        path: "auth.revoke_session",
        input,
        bearer,
        ...travelling(world, { ...travel, isKeyed: false }),
      });
      user.sessions.pop();
      await askInVain(world, { path: "auth.me", bearer, via: travel.via }, "TOKEN_INVALID");
    },
  }),
  defineCommand({
    name: "log out everywhere",
    parameters: fc.record({ who, travel }),
    run: async (world, { who, travel }) => {
      const user = pickUser(world, who);
      const { access_token: bearer } = await recentSessionOf(world, user);
      await ask(world, { path: "auth.logout_everywhere", bearer, via: travel.via });
      await assertEnded(world, user.sessions.splice(0));
    },
  }),
  defineCommand({
    name: "make an API key and use it",
    weight: 2,
    parameters: fc.record({ who, scopes: fc.subarray([...scope.options], { minLength: 1 }), travel }),
    run: async (world, { who, scopes, travel }) => {
      const user = pickUser(world, who);
      const { access_token: bearer } = await recentSessionOf(world, user);
      const input = { name: world.unique(), scopes };
      const call = { path: "auth.create_api_key", input, bearer, ...travelling(world, travel) };
      if (user.keys.length >= keysMax) return askInVain(world, call, "API_KEY_LIMIT_REACHED");
      const { id, key } = await ask<NewApiKey>(world, call);
      user.keys.push({ id, key });
      const reading = { path: "auth.me", bearer: key, via: travel.via };
      if (scopes.includes("users:read")) {
        const me = await ask<User>(world, reading);
        promise(me.id === user.id, "a key acts for its owner", me.id, user.id);
      } else await askInVain(world, reading, "SCOPE_MISSING");
      await askInVain(world, { ...call, bearer: key, idempotencyKey: undefined }, "SESSION_REQUIRED");
    },
  }),
  defineCommand({
    name: "revoke an API key",
    parameters: fc.record({ who, travel }),
    run: async (world, { who, travel }) => {
      const user = pickUser(world, who);
      const revoked = user.keys[0] ?? (await makeKey(world, user));
      const call = { path: "auth.revoke_api_key", input: { api_key_id: revoked.id } };
      const stranger = world.users.find((other) => other !== user && other.state === "active");
      if (stranger !== undefined) {
        const foreign = await tokenOf(world, stranger);
        await askInVain(
          world,
          { ...call, bearer: foreign, ...travelling(world, travel) },
          "API_KEY_NOT_FOUND",
        );
      }
      const bearer = await tokenOf(world, user);
      await ask(world, { ...call, bearer, ...travelling(world, travel) });
      user.keys.shift();
      await askInVain(world, { path: "auth.me", bearer: revoked.key }, "API_KEY_INVALID");
    },
  }),
  defineCommand({
    name: "list API keys to the end",
    parameters: fc.record({ who, limit, travel }),
    run: async (world, { who, limit, travel: { via } }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const listed = await listAll<ApiKey>(world, { path: "auth.api_keys", input: { limit }, bearer, via });
      const ids = new Set(listed.map(({ id }) => id));
      promise(ids.size === listed.length, "every key is listed once", listed);
      promise(
        user.keys.every(({ id }) => ids.has(id)),
        "every key of the user is listed",
        listed,
        user.keys,
      );
    },
  }),
  defineCommand({
    name: "link a wallet",
    weight: 2,
    parameters: fc.record({ who, which: fc.nat(walletsOfWorld - 1), isRight: fc.boolean(), travel }),
    run: async (world, { who, which, isRight, travel }) => {
      const user = pickUser(world, who);
      const wallet = walletOf(world, which);
      const bearer = await tokenOf(world, user);
      const signer = isRight ? wallet : walletOf(world, (which + 1) % walletsOfWorld);
      const input = await signChallenge(world, { bearer, wallet, signer });
      const call = { path: "auth.connect_wallet", input, bearer };
      if (!isRight)
        return askInVain(world, { ...call, ...travelling(world, travel) }, "WALLET_SIGNATURE_INVALID");
      const owner = ownerOf(world, wallet.address);
      if (owner !== undefined && owner !== user)
        return askInVain(world, { ...call, ...travelling(world, travel) }, "WALLET_TAKEN");
      const linked = await ask<User>(world, { ...call, ...travelling(world, travel) });
      if (owner === undefined) user.wallets.push(wallet.address);
      user.primary_wallet ??= wallet.address;
      promise(
        linked.wallet_address === user.primary_wallet,
        "the first wallet is the primary one",
        linked,
        user.primary_wallet,
      );
      await askInVain(world, { ...call, ...travelling(world, travel) }, "WALLET_CHALLENGE_INVALID");
    },
  }),
  defineCommand({
    name: "unlink a wallet",
    parameters: fc.record({ who, which: fc.nat(), travel }),
    run: async (world, { who, which, travel }) => {
      const user = pickUser(world, who);
      const wallet_address = await linkedWalletOf(world, user, which);
      if (wallet_address === undefined) return;
      const { access_token: bearer } = await recentSessionOf(world, user);
      const call = { path: "auth.unlink_wallet", input: { wallet_address }, bearer };
      const { wallet_address: primary } = await ask<User>(world, { ...call, ...travelling(world, travel) });
      user.wallets = user.wallets.filter((address) => address !== wallet_address);
      if (user.primary_wallet === wallet_address) user.primary_wallet = user.wallets[0] ?? null;
      promise(
        primary === user.primary_wallet,
        "the oldest wallet takes the place of the primary one",
        primary,
        user.primary_wallet,
      );
      await askInVain(world, { ...call, ...travelling(world, travel) }, "WALLET_NOT_FOUND");
    },
  }),
  defineCommand({
    name: "choose the primary wallet",
    parameters: fc.record({ who, which: fc.nat(), travel }),
    run: async (world, { who, which, travel }) => {
      const user = pickUser(world, who);
      const wallet_address = await linkedWalletOf(world, user, which);
      if (wallet_address === undefined) return;
      const bearer = await tokenOf(world, user);
      const call = { path: "auth.set_primary_wallet", input: { wallet_address }, bearer };
      await ask<User>(world, { ...call, ...travelling(world, travel) });
      user.primary_wallet = wallet_address;
      const { items } = await ask<{ items: Wallet[] }>(world, {
        path: "auth.wallets",
        bearer,
        via: travel.via,
      });
      const expected = user.wallets.map((address) => [address, address === wallet_address]);
      promise(
        isDeepStrictEqual(
          items.map((item) => [item.wallet_address, item.is_primary]),
          expected,
        ),
        "wallets are listed in the order in which they were linked, and one is the primary one",
        items,
        expected,
      );
    },
  }),
];

async function makeKey(world: World, user: ModelUser): Promise<ModelApiKey> {
  const { access_token: bearer } = await recentSessionOf(world, user);
  const input = { name: world.unique(), scopes: ["users:read"] };
  const { id, key } = await ask<NewApiKey>(world, { path: "auth.create_api_key", input, bearer });
  user.keys.push({ id, key });
  return { id, key };
}

/** A wallet of the user, which is linked where there is none; undefined when others have them all. */
async function linkedWalletOf(world: World, user: ModelUser, which: number): Promise<string | undefined> {
  const linked = user.wallets[which % user.wallets.length];
  if (linked !== undefined) return linked;
  const wallets = Array.from({ length: walletsOfWorld }, (_, index) => walletOf(world, index));
  const wallet = wallets.find(({ address }) => ownerOf(world, address) === undefined);
  if (wallet === undefined) return undefined;
  const bearer = await tokenOf(world, user);
  const input = await signChallenge(world, { bearer, wallet, signer: wallet });
  await ask(world, { path: "auth.connect_wallet", input, bearer });
  user.wallets.push(wallet.address);
  user.primary_wallet = wallet.address;
  return wallet.address;
}

/** Wallets are made when they are needed, and their accounts deployed. */
function walletOf({ wallets, node, unique }: World, which: number): TestWallet {
  const known = wallets[which];
  if (known !== undefined) return known;
  const made = createTestWallet({ privateKey: `0x${unique().replaceAll("-", "")}` });
  node.deploy(made.account);
  wallets[which] = made;
  return made;
}

function ownerOf({ users }: World, address: string) {
  return users.find((user) => user.wallets.includes(address));
}

async function signChallenge(
  world: World,
  {
    bearer,
    wallet,
    signer,
  }: { readonly bearer: string; readonly wallet: TestWallet; readonly signer: TestWallet },
) {
  // Wallets of one moment would have no order.
  await wait(world, 1);
  const input = { wallet_address: wallet.address };
  const challenge = await ask<WalletChallenge>(world, { path: "auth.wallet_challenge", input, bearer });
  // The contract describes typed data more loosely than the library that hashes it.
  const signature = signer.sign(challenge.typed_data as TypedData);
  return { challenge_id: challenge.challenge_id, wallet_address: wallet.address, signature };
}
