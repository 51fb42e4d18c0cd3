import { feltPrime } from "@obsqra/starknet";
import fc from "fast-check";
import { expect, it } from "vitest";
import { codeOf, createTestApi, errorOf, type TestApi } from "../testing/index.ts";

type Caller = Awaited<ReturnType<TestApi["signUp"]>>;

function deposit(tx_hash: string, amount = "1") {
  return { tx_hash, tx_type: "deposit" as const, amount };
}

function allocate(tx_hash: string, allocation: Record<string, number>) {
  return { tx_hash, tx_type: "allocate" as const, amount: "1", allocation };
}

/** Logs so many deposits and returns their hashes, newest first. */
async function logDeposits(caller: Caller, count: number, firstHash = 1): Promise<string[]> {
  const hashes: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { tx_hash } = await caller.transactions.create(deposit(`0x${(firstHash + index).toString(16)}`));
    hashes.unshift(tx_hash);
  }
  return hashes;
}

async function markAs(api: TestApi, transactionId: string, status: "confirmed" | "failed"): Promise<void> {
  await api.deps.db
    .insertInto("transaction_statuses")
    .values({ id: api.deps.createId(), transaction_id: transactionId, status, observed_at: api.clock() })
    .execute();
}

it("gives amounts back digit by digit, up to 78 before and 18 after the point", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const amounts = [`${"9".repeat(78)}.${"1".repeat(17)}7`, "0.000000000000000001", "1250.50", "0"];
  for (const [index, amount] of amounts.entries()) {
    const tx_hash = `0x${index + 1}`;
    expect(await ada.transactions.create(deposit(tx_hash, amount))).toMatchObject({ amount });
    expect(await ada.transactions.get({ tx_hash })).toMatchObject({ amount });
  }
});

it("refuses amounts that are no plain decimals", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const tooLong = [`1${"0".repeat(78)}`, `0.${"1".repeat(19)}`];
  for (const amount of ["-1", "1e3", "01", ".5", "1.", "NaN", "", " 1", ...tooLong]) {
    const error = await errorOf(ada.transactions.create(deposit("0x1", amount)));
    expect([amount, error?.code]).toEqual([amount, "VALIDATION_FAILED"]);
    expect(error?.details).toMatchObject({ issues: [{ path: "amount" }] });
  }
});

it("returns the hash in its one spelling and finds it under any", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const canonical = `0x${"0".repeat(58)}abcdef`;
  const logged = await ada.transactions.create(deposit("0xABCdef"));
  expect(logged.tx_hash).toBe(canonical);
  for (const spelling of ["0xabcdef", "0xABCDEF", "0x000abCDEf", canonical]) {
    expect(await ada.transactions.get({ tx_hash: spelling })).toEqual(logged);
  }
});

it("returns the same when it logs, lists and gets a transaction", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const details = { token: "USDC", memo: "é 🦀 \\u0000", nested: [{ deep: [null, true, 1.5, ""] }] };
  const logged = await ada.transactions.create({ ...deposit("0x1"), details });
  expect(logged).toMatchObject({ status: "pending", details, suggestion_id: null });
  expect(logged.created_at).toBe(api.clock().toISOString());
  expect(await ada.transactions.get({ tx_hash: "0x1" })).toEqual(logged);
  expect(await ada.transactions.list()).toEqual({ items: [logged], next_cursor: null });
});

it("refuses hashes that are no Starknet hashes: zero, and the field's prime and above", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  for (const tx_hash of ["0x0", `0x${feltPrime.toString(16)}`, `0x${"f".repeat(64)}`]) {
    expect(await codeOf(ada.transactions.create(deposit(tx_hash)))).toBe("TX_HASH_INVALID");
    expect(await codeOf(ada.transactions.get({ tx_hash }))).toBe("TX_HASH_INVALID");
  }
  await ada.transactions.create(deposit(`0x${(feltPrime - 1n).toString(16)}`));
});

it("logs a hash once for a user, however it is spelled", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const { tx_hash } = await ada.transactions.create(deposit("0xab"));
  for (const spelling of ["0xab", "0xAB", "0x00aB"]) {
    expect(await errorOf(ada.transactions.create(deposit(spelling, "2")))).toMatchObject({
      code: "TRANSACTION_ALREADY_LOGGED",
      details: { tx_hash },
    });
  }
  expect(await ada.transactions.get({ tx_hash })).toMatchObject({ amount: "1" });
});

it("lets another user log the same hash and keeps the two logs apart", async () => {
  await using api = await createTestApi();
  const [ada, eve] = [await api.signUp("ada@example.org"), await api.signUp("eve@example.org")];
  await ada.transactions.create(deposit("0x1", "1"));
  await eve.transactions.create(deposit("0x1", "2"));
  expect(await ada.transactions.get({ tx_hash: "0x1" })).toMatchObject({ amount: "1" });
  expect(await eve.transactions.get({ tx_hash: "0x1" })).toMatchObject({ amount: "2" });
  expect((await ada.transactions.list()).items).toHaveLength(1);
});

it("treats another user's transaction exactly like one that does not exist", async () => {
  await using api = await createTestApi();
  const [ada, eve] = [await api.signUp("ada@example.org"), await api.signUp("eve@example.org")];
  await ada.transactions.create(deposit("0x1"));
  const foreign = await errorOf(eve.transactions.get({ tx_hash: "0x1" }));
  const missing = await errorOf(eve.transactions.get({ tx_hash: "0x2" }));
  expect(foreign?.code).toBe("TRANSACTION_NOT_FOUND");
  expect([foreign?.code, foreign?.message, foreign?.details]).toEqual([
    missing?.code,
    missing?.message,
    missing?.details,
  ]);
});

it("lets exactly one of parallel duplicates win, with one snapshot of the allocation", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const spellings = ["0xab", "0xAB", "0x0ab", "0x00AB", "0xaB"];
  const codes = await Promise.all(
    spellings.map((tx_hash) => codeOf(ada.transactions.create(allocate(tx_hash, { nostra: 100 })))),
  );
  expect(codes.sort()).toEqual([...Array.from({ length: 4 }, () => "TRANSACTION_ALREADY_LOGGED"), undefined]);
  expect((await ada.transactions.list()).items).toHaveLength(1);
  expect((await ada.analytics.allocation_history()).items).toHaveLength(1);
});

it("pages newest first, each once, whatever is logged between the pages", async () => {
  await using api = await createTestApi();
  let user = 0;
  const inserts = fc.array(fc.nat({ max: 2 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      inserts,
      async (count, limit, later) => {
        user += 1;
        const caller = await api.signUp(`user-${user}@example.org`);
        const expected = await logDeposits(caller, count);
        const seen: string[] = [];
        let cursor: string | undefined;
        for (let page = 0; ; page += 1) {
          const { items, next_cursor } = await caller.transactions.list({ limit, cursor });
          seen.push(...items.map(({ tx_hash }) => tx_hash));
          await logDeposits(caller, later[page] ?? 0, 100 * (page + 1));
          if (next_cursor === null) break;
          expect(items).toHaveLength(limit);
          cursor = next_cursor;
        }
        expect(seen).toEqual(expected);
      },
    ),
    { numRuns: 8 },
  );
});

it("lists only the type and the newest status that is asked for", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const first = await ada.transactions.create(deposit("0x1"));
  const second = await ada.transactions.create(allocate("0x2", { nostra: 100 }));
  await ada.transactions.create(deposit("0x3"));
  await markAs(api, first.id, "confirmed");
  await markAs(api, second.id, "confirmed");
  const hashes = async (filter: Parameters<typeof ada.transactions.list>[0]) =>
    (await ada.transactions.list(filter)).items.map(({ tx_hash }) => Number(tx_hash));
  expect(await hashes({ tx_type: "deposit" })).toEqual([3, 1]);
  expect(await hashes({ tx_type: "withdraw" })).toEqual([]);
  expect(await hashes({ status: "confirmed" })).toEqual([2, 1]);
  expect(await hashes({ status: "failed" })).toEqual([]);
  expect(await hashes({ tx_type: "deposit", status: "pending" })).toEqual([3]);
  expect(await ada.transactions.get({ tx_hash: "0x1" })).toMatchObject({ status: "confirmed" });
});

it("goes on through a filtered list by cursor", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  for (let index = 1; index <= 6; index += 1) {
    const tx_hash = `0x${index}`;
    await ada.transactions.create(
      index % 2 === 0 ? deposit(tx_hash) : { tx_hash, tx_type: "withdraw", amount: "1" },
    );
  }
  const first = await ada.transactions.list({ tx_type: "deposit", limit: 2 });
  const rest = await ada.transactions.list({
    tx_type: "deposit",
    limit: 2,
    cursor: first.next_cursor ?? undefined,
  });
  expect([...first.items, ...rest.items].map(({ tx_hash }) => Number(tx_hash))).toEqual([6, 4, 2]);
  expect(rest.next_cursor).toBeNull();
});

it("refuses an allocation that does not sum to 100, and logs nothing", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const wrong: Record<string, number>[] = [{ nostra: 60, ekubo: 39.99 }, { nostra: 60, ekubo: 40.01 }, {}];
  for (const allocation of wrong) {
    expect(await codeOf(ada.transactions.create(allocate("0x1", allocation)))).toBe("ALLOCATION_INVALID");
  }
  expect((await ada.transactions.list()).items).toEqual([]);
});

it("refuses an allocation on a deposit or a withdrawal", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  for (const tx_type of ["deposit", "withdraw"] as const) {
    const input = { ...allocate("0x1", { nostra: 100 }), tx_type };
    expect(await codeOf(ada.transactions.create(input))).toBe("ALLOCATION_INVALID");
  }
});

it("refuses an allocation to a protocol that does not exist, and names it", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  expect(await errorOf(ada.transactions.create(allocate("0x1", { nostra: 50, nowhere: 50 })))).toMatchObject({
    code: "PROTOCOL_UNKNOWN",
    details: { protocols: ["nowhere"], known: expect.arrayContaining(["ekubo", "nostra"]) },
  });
});

it("makes the stated allocation the current one, without its zero shares", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  await ada.transactions.create(allocate("0x1", { nostra: 100 }));
  const { tx_hash } = await ada.transactions.create({
    ...allocate("0x2", { nostra: 33.33, ekubo: 66.67, vesu: 0 }),
    tx_type: "rebalance",
  });
  const { items } = await ada.analytics.allocation_history();
  expect(items).toMatchObject([
    { allocation: { ekubo: 66.67, nostra: 33.33 }, suggestion_id: null, tx_hash },
    { allocation: { nostra: 100 } },
  ]);
  expect(items[0]?.allocation).not.toHaveProperty("vesu");
  expect((await ada.analytics.dashboard()).latest_allocation).toEqual(items[0]);
});

it("records the allocation of the suggestion that an allocate transaction carries out", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp("ada@example.org");
  const suggestion = await ada.predictions.run_optimization();
  const logged = await ada.transactions.create({
    tx_hash: "0xab",
    tx_type: "allocate",
    amount: "1",
    suggestion_id: suggestion.id,
  });
  expect(logged.suggestion_id).toBe(suggestion.id);
  const { items } = await ada.analytics.allocation_history();
  expect(items).toMatchObject([
    { allocation: suggestion.allocation, suggestion_id: suggestion.id, tx_hash: logged.tx_hash },
  ]);
  expect((await ada.analytics.dashboard()).latest_allocation).toEqual(items[0]);
});

it("refuses another user's suggestion, an unknown one, and one beside an allocation", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const [ada, eve] = [await api.signUp("ada@example.org"), await api.signUp("eve@example.org")];
  const { id } = await ada.predictions.run_optimization();
  const input = { tx_hash: "0x1", tx_type: "allocate" as const, amount: "1" };
  expect(await codeOf(eve.transactions.create({ ...input, suggestion_id: id }))).toBe("SUGGESTION_NOT_FOUND");
  expect(await codeOf(ada.transactions.create({ ...input, suggestion_id: api.deps.createId() }))).toBe(
    "SUGGESTION_NOT_FOUND",
  );
  expect(
    await codeOf(ada.transactions.create({ ...input, suggestion_id: id, allocation: { nostra: 100 } })),
  ).toBe("ALLOCATION_INVALID");
  expect((await eve.transactions.list()).items).toEqual([]);
});
