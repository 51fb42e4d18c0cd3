import { expect, it } from "vitest";
import { FuzzFailure } from "./fuzz-failure.ts";
import { createWorld } from "./model/create-world.ts";
import { signUp } from "./model/sessions.ts";
import { assertListed } from "./model/transaction-commands.ts";
import { ask, askInVain, type ModelUser, type World } from "./model/world.ts";
import { openTestTarget } from "./open-test-target.ts";
import type { PlantedBug } from "./server/planted-bugs.ts";
import { assertMemoryFlat } from "./watch-memory.ts";

const bugs: readonly [bug: PlantedBug, ...kinds: FuzzFailure["kind"][]][] = [
  ["an error nobody expected", "server_error"],
  ["a field too many", "wrong_response"],
  ["a field too few", "wrong_response"],
  ["an undeclared error", "wrong_response"],
  ["internals in an error", "wrong_response"],
  ["another user's amount", "broken_promise"],
  ["two responses", "wrong_response"],
  // Whoever gives up first: the fuzzer, or the server, which closes what is silent.
  ["no response", "hang", "broken_http"],
];

const transaction = {
  tx_hash: `0x${"5a1d".padStart(64, "0")}`,
  tx_type: "deposit",
  amount: "1250.5",
  details: {},
};

it("finds each bug that is planted in a server, and nothing in the server without them", async () => {
  await using target = await openTestTarget();
  const { server } = target;
  using world = createWorld(target);
  const user = await signUp(world, { full_name: "Ada", via: "rest" });
  user.transactions.set(transaction.tx_hash, transaction);
  const bearer = user.sessions[0]?.access_token;
  await ask(world, { path: "transactions.create", input: transaction, bearer });
  await read(world, user);

  for (const [bug, ...kinds] of bugs) {
    await server.plant(bug);
    using deceived = createWorld(target, bug === "no response" ? { patienceMs: 500 } : {});
    const found: unknown = await read(deceived, user).catch((error: unknown) => error);
    const kind = found instanceof FuzzFailure ? found.kind : undefined;
    expect([bug, kind]).toEqual([bug, expect.toBeOneOf(kinds)]);
  }

  await server.plant("memory that is never given back");
  const before = { calls: 0, ...(await server.measureMemory()) };
  for (let round = 0; round < 50; round += 1) await read(world, user);
  const after = { calls: 1, ...(await server.measureMemory()) };
  expect(() => assertMemoryFlat([before, before, before, after])).toThrow("growing_memory");

  await server.plant(undefined);
  await read(world, user);
}, 300_000);

/** What users of a log do most, on REST. */
async function read(world: World, user: ModelUser): Promise<void> {
  const bearer = user.sessions[0]?.access_token;
  const call = { path: "transactions.get", bearer };
  await askInVain(world, { ...call, input: { tx_hash: "0x1" } }, "TRANSACTION_NOT_FOUND");
  await ask(world, { ...call, input: { tx_hash: transaction.tx_hash } });
  await assertListed(world, user, { limit: 10, via: "rest" });
}
