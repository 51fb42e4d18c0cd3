import { afterAll, beforeAll, expect, it } from "vitest";
import { codeOf, createTestApi, type TestApi } from "../testing/index.ts";

type Caller = Awaited<ReturnType<TestApi["signUp"]>>;
type Filter = Parameters<Caller["transactions"]["list"]>[0];

const minuteMs = 60_000;
/** One a minute; the second and the last are equal, written differently. */
const amounts = ["9.5", "10", `1${"0".repeat(40)}.${"0".repeat(17)}1`, `1${"0".repeat(40)}`, "0", "10.00"];

let api: TestApi;
let ada: Caller;
let start: Date;

beforeAll(async () => {
  api = await createTestApi();
  ada = await api.signUp();
  start = api.clock();
  for (const [index, amount] of amounts.entries()) {
    const tx_type = index % 2 === 0 ? "deposit" : "withdraw";
    await ada.transactions.create({ tx_hash: `0x${index + 1}`, tx_type, amount });
    api.clock.advance(minuteMs);
  }
});
afterAll(() => api[Symbol.asyncDispose]());

/** The numbers of the transactions, from 1, page by page. */
async function list(filter: Filter, limit = 2): Promise<number[]> {
  const numbers: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await ada.transactions.list({ ...filter, limit, cursor });
    numbers.push(...page.items.map(({ tx_hash }) => Number(tx_hash)));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return numbers;
}

function after(minutes: number): string {
  return new Date(start.getTime() + minutes * minuteMs).toISOString();
}

it("lists the newest first, or the oldest", async () => {
  expect(await list({})).toEqual([6, 5, 4, 3, 2, 1]);
  expect(await list({ sort: "newest" })).toEqual([6, 5, 4, 3, 2, 1]);
  expect(await list({ sort: "oldest" })).toEqual([1, 2, 3, 4, 5, 6]);
});

it("lists by amount, exact in every digit, whatever the size of the pages; equal amounts are by time", async () => {
  for (const limit of [1, 2, 3, 100]) {
    expect(await list({ sort: "highest" }, limit)).toEqual([3, 4, 6, 2, 1, 5]);
    expect(await list({ sort: "lowest" }, limit)).toEqual([5, 1, 2, 6, 4, 3]);
  }
});

it("lists what was logged from one moment on, until another", async () => {
  expect(await list({ created_from: after(2) })).toEqual([6, 5, 4, 3]);
  expect(await list({ created_until: after(2) })).toEqual([2, 1]);
  expect(await list({ created_from: after(1), created_until: after(4) })).toEqual([4, 3, 2]);
  expect(await list({ created_from: after(4), created_until: after(1) })).toEqual([]);
});

it("filters and sorts at once", async () => {
  const filter = { tx_type: "withdraw", status: "pending", created_from: after(1) } as const;
  expect(await list({ ...filter, sort: "lowest" }, 1)).toEqual([2, 6, 4]);
  expect(await list({ ...filter, status: "confirmed" }, 1)).toEqual([]);
});

it("refuses moments and orders that it does not know", async () => {
  const wrong: readonly object[] = [
    { created_from: "yesterday" },
    { created_until: "2026-02-30T00:00:00.000Z" },
    { created_from: "0000-01-01T00:00:00.000Z" },
    { sort: "biggest" },
  ];
  for (const filter of wrong) {
    expect([filter, await codeOf(ada.transactions.list(filter))]).toEqual([filter, "VALIDATION_FAILED"]);
  }
});
