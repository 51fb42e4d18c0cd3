import { isDeepStrictEqual } from "node:util";
import type { AllocationSnapshot, CreateTransactionInput, Dashboard, Transaction } from "@obsqra/contract";
import { contract } from "@obsqra/contract";
import { arbitraryInput } from "@obsqra/contract/testing";
import fc from "fast-check";
import type { Via } from "./caller.ts";
import { defineCommand, pickUser, travel, travelling } from "./command.ts";
import { listAll } from "./list-all.ts";
import { tokenOf } from "./sessions.ts";
import { ask, askInVain, type ModelTransaction, type ModelUser, promise, type World } from "./world.ts";

const who = fc.nat(20);
const { shape } = contract.transactions.create.input;
const amount = arbitraryInput(shape.amount) as fc.Arbitrary<string>;
const details = arbitraryInput(shape.details).map(
  (given) => (given ?? {}) as CreateTransactionInput["details"],
);
const tx_type = fc.constantFrom(...shape.tx_type.options);
/** Above 0 and below the prime of Starknet's field. */
const txHash = fc.bigInt({ min: 1n, max: 2n ** 251n }).map((hash) => `0x${hash.toString(16)}`);
const shares = { nostra: 60.5, ekubo: 39.5 };

/** What users do with their log of transactions, and with what follows from it. */
export const transactionCommands = [
  defineCommand({
    name: "log a transaction",
    weight: 6,
    parameters: fc.record({ who, tx_hash: txHash, tx_type, amount, details, moves: fc.boolean(), travel }),
    run: async (world, { who, travel, moves, ...given }) => {
      const user = pickUser(world, who);
      const isMove = given.tx_type === "allocate" || given.tx_type === "rebalance";
      const input = isMove && moves ? { ...given, allocation: shares } : given;
      const bearer = await tokenOf(world, user);
      const call = { path: "transactions.create", input, bearer };
      if (user.transactions.has(canonical(given.tx_hash))) {
        await askInVain(world, { ...call, ...travelling(world, travel) }, "TRANSACTION_ALREADY_LOGGED");
        return;
      }
      const logged = await ask<Transaction>(world, { ...call, ...travelling(world, travel) });
      remember(user, given);
      if ("allocation" in input) user.allocations.push(shares);
      assertAsLogged(logged, given);
      // Another spelling of the same hash.
      const again = {
        ...input,
        tx_hash: canonical(given.tx_hash).replace("0x0", "0x").toUpperCase().replace("X", "x"),
      };
      await askInVain(
        world,
        { ...call, input: again, ...travelling(world, travel) },
        "TRANSACTION_ALREADY_LOGGED",
      );
    },
  }),
  defineCommand({
    name: "log several transactions at once",
    weight: 2,
    parameters: fc.record({
      who,
      inputs: fc.uniqueArray(fc.record({ tx_hash: txHash, tx_type, amount, details }), {
        minLength: 2,
        maxLength: 8,
        selector: (input) => input.tx_hash,
      }),
    }),
    run: async (world, { who, inputs }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const fresh = inputs.filter(({ tx_hash }) => !user.transactions.has(canonical(tx_hash)));
      if (fresh.length === 0) return;
      const calls = fresh.map((input) => ({ path: "transactions.create", input, bearer }));
      const outcomes = await world.caller.batch(calls);
      const logged = outcomes.flatMap((outcome, index) => {
        const isLater = !outcome.ok && /RATE_LIMITED|SERVER_OVERLOADED/.test(outcome.error.code);
        promise(outcome.ok || isLater, "every call of a batch is done", fresh[index], outcome);
        return outcome.ok ? [outcome.data as Transaction] : [];
      });
      // The calls of a batch are done side by side, so that any of them may have come first.
      for (const transaction of logged.toSorted((a, b) => a.chain.position - b.chain.position)) {
        const given = fresh.find(({ tx_hash }) => canonical(tx_hash) === transaction.tx_hash);
        promise(given !== undefined, "a batch returns what it was given", transaction, fresh);
        remember(user, given);
        assertAsLogged(transaction, given);
      }
    },
  }),
  defineCommand({
    name: "get a transaction",
    weight: 4,
    parameters: fc.record({ who, which: fc.nat(), travel }),
    run: async (world, { who, which, travel }) => {
      const user = pickUser(world, who);
      const known = [...(user?.transactions.values() ?? [])];
      const logged = known[which % known.length];
      if (user === undefined || logged === undefined) return;
      const bearer = await tokenOf(world, user);
      const call = { path: "transactions.get", input: { tx_hash: logged.tx_hash }, via: travel.via };
      assertAsLogged(await ask<Transaction>(world, { ...call, bearer }), logged);
      for (const other of world.users) {
        if (other.state !== "active" || other.transactions.has(logged.tx_hash)) continue;
        const stranger = await tokenOf(world, other);
        await askInVain(world, { ...call, bearer: stranger }, "TRANSACTION_NOT_FOUND");
        return;
      }
    },
  }),
  defineCommand({
    name: "list transactions to the end",
    weight: 4,
    parameters: fc.record({
      who,
      limit: fc.integer({ min: 1, max: 100 }),
      tx_type: fc.option(tx_type, { nil: undefined }),
      sort: fc.option(fc.constantFrom("newest", "oldest"), { nil: undefined }),
      travel,
    }),
    run: async (world, { who, travel, ...filters }) => {
      const user = pickUser(world, who);
      if (user !== undefined) await assertListed(world, user, { ...filters, via: travel.via });
    },
  }),
  defineCommand({
    name: "list allocations to the end",
    parameters: fc.record({ who, limit: fc.integer({ min: 1, max: 100 }), travel }),
    run: async (world, { who, limit, travel: { via } }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const path = "analytics.allocation_history";
      const snapshots = await listAll<AllocationSnapshot>(world, { path, input: { limit }, bearer, via });
      promise(
        snapshots.length === user.allocations.length,
        "every allocation is listed once",
        snapshots.length,
        user.allocations.length,
      );
      const { latest_allocation: latest } = await ask<Dashboard>(world, {
        path: "analytics.dashboard",
        bearer,
        via,
      });
      const expected = user.allocations.at(-1);
      promise(
        isDeepStrictEqual(latest?.allocation, expected),
        "the dashboard has the latest allocation",
        latest,
        expected,
      );
    },
  }),
  defineCommand({
    name: "optimise and carry it out",
    parameters: fc.record({ who, tx_hash: txHash, amount, travel }),
    run: async (world, { who, tx_hash, amount, travel }) => {
      const user = pickUser(world, who);
      if (user === undefined || user.transactions.has(canonical(tx_hash))) return;
      const bearer = await tokenOf(world, user);
      const optimising = { path: "predictions.run_optimization", input: {}, bearer };
      const outcome = await world.caller.call({ ...optimising, ...travelling(world, travel) });
      if (!outcome.ok) {
        const refusals = ["FORECASTS_NOT_READY", "RATE_LIMITED", "SERVER_OVERLOADED"];
        promise(refusals.includes(outcome.error.code), "an optimisation has a reason to fail", outcome);
        return;
      }
      const { id, allocation } = outcome.data as { id: string; allocation: Record<string, number> };
      user.suggestions.push(id);
      const input = { tx_hash, tx_type: "rebalance", amount, suggestion_id: id };
      await ask<Transaction>(world, {
        path: "transactions.create",
        input,
        bearer,
        ...travelling(world, travel),
      });
      remember(user, { ...input, details: {} });
      user.allocations.push(allocation);
      await assertForeign(world, user, { ...input, tx_hash: `0x${(BigInt(tx_hash) + 1n).toString(16)}` });
    },
  }),
  defineCommand({
    name: "list suggestions to the end",
    parameters: fc.record({ who, limit: fc.integer({ min: 1, max: 100 }), travel }),
    run: async (world, { who, limit, travel: { via } }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const path = "predictions.rebalance_suggestions";
      const listed = await listAll<{ id: string }>(world, { path, input: { limit }, bearer, via });
      const ids = listed.map(({ id }) => id).reverse();
      promise(
        isDeepStrictEqual(ids, user.suggestions),
        "every suggestion is listed once",
        ids,
        user.suggestions,
      );
    },
  }),
];

/**
 * Expects that a list of transactions has exactly those that were logged, each once and as it was.
 *
 * @throws FuzzFailure
 */
export async function assertListed(
  world: World,
  user: ModelUser,
  {
    via,
    sort,
    ...input
  }: {
    readonly limit: number;
    readonly tx_type?: string;
    readonly sort?: string;
    readonly via: Via;
  },
): Promise<void> {
  const bearer = await tokenOf(world, user);
  const path = "transactions.list";
  const filters = Object.fromEntries(
    Object.entries({ ...input, sort }).filter(([, value]) => value !== undefined),
  );
  const listed = await listAll<Transaction>(world, { path, input: filters, bearer, via });
  const known = [...user.transactions.values()].filter(
    (each) => input.tx_type === undefined || each.tx_type === input.tx_type,
  );
  const expected = sort === "oldest" ? known : known.reverse();
  const hashes = listed.map(({ tx_hash }) => tx_hash);
  promise(
    isDeepStrictEqual(
      hashes,
      expected.map(({ tx_hash }) => tx_hash),
    ),
    "a list has what was logged, each once, in its order",
    hashes,
    expected.map(({ tx_hash }) => tx_hash),
  );
  for (const [index, transaction] of listed.entries()) {
    const logged = expected[index];
    if (logged !== undefined) assertAsLogged(transaction, logged);
  }
}

/** A suggestion of somebody else is as if it did not exist. */
async function assertForeign(world: World, owner: ModelUser, input: object): Promise<void> {
  const other = world.users.find((user) => user !== owner && user.state === "active");
  if (other === undefined) return;
  const bearer = await tokenOf(world, other);
  await askInVain(
    world,
    { path: "transactions.create", input, bearer },
    "SUGGESTION_NOT_FOUND",
    "TX_HASH_INVALID",
  );
}

function assertAsLogged(got: Transaction, logged: ModelTransaction): void {
  for (const name of ["tx_type", "amount", "details"] as const) {
    // As JSON carries it: -0 is 0.
    const value: unknown = JSON.parse(JSON.stringify(logged[name]));
    promise(isDeepStrictEqual(got[name], value), `a transaction keeps its ${name}`, got[name], value);
  }
  promise(got.tx_hash === canonical(logged.tx_hash), "a hash has one spelling", got.tx_hash, logged.tx_hash);
}

function remember(
  user: ModelUser,
  logged: Pick<CreateTransactionInput, "tx_hash" | "amount"> & { tx_type: string; details?: unknown },
): void {
  const { tx_type, amount, details = {} } = logged;
  const tx_hash = canonical(logged.tx_hash);
  user.transactions.set(tx_hash, { tx_hash, tx_type, amount, details });
}

function canonical(hash: string): string {
  return `0x${BigInt(hash).toString(16).padStart(64, "0")}`;
}
