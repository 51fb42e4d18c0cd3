import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestApi, type TestApi } from "../src/testing/index.ts";
import { emptySuggestion } from "./paging/fill-lists.ts";

/** As much as a page may have of details and answers, and what rows have besides. */
const pageBytesMax = 128 * 1024 + 100 * 1024;

let api: TestApi;
let ada: Awaited<ReturnType<TestApi["signUp"]>>;

/** Every seventh is as large as may be. */
const sizes = Array.from({ length: 60 }, (_, index) => (index % 7 === 0 ? 16_000 : (index * 613) % 9_000));

beforeAll(async () => {
  api = await createTestApi();
  ada = await api.signUp();
  for (const [index, size] of sizes.entries()) {
    await ada.transactions.create({
      tx_hash: `0x${(index + 1).toString(16)}`,
      tx_type: "deposit",
      amount: String((index * 7) % 11),
      details: { note: "x".repeat(size) },
    });
  }
});
afterAll(() => api[Symbol.asyncDispose]());

interface Page {
  readonly items: readonly object[];
  readonly next_cursor: string | null;
}

/** All pages of a list. */
async function readPages(read: (cursor: string | undefined) => Promise<Page>): Promise<Page[]> {
  const pages: Page[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    pages.push(page);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return pages;
}

function expectSmall(pages: readonly Page[], bytesMax = pageBytesMax): void {
  for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(bytesMax);
  expect(pages.length).toBeGreaterThan(1);
}

it.each(["newest", "oldest", "highest", "lowest"] as const)(
  "cuts pages of transactions, %s first, by their bytes, and goes on where they end",
  async (sort) => {
    const pages = await readPages((cursor) => ada.transactions.list({ sort, limit: 100, cursor }));
    expectSmall(pages);
    const small = await readPages((cursor) => ada.transactions.list({ sort, limit: 1, cursor }));
    expect(pages.flatMap(({ items }) => items)).toEqual(small.flatMap(({ items }) => items));
    expect(small).toHaveLength(sizes.length);
  },
);

it("cuts pages of entries by their bytes, and goes on where they end", async () => {
  for (const sort of ["newest", "oldest"] as const) {
    const pages = await readPages((cursor) => ada.transactions.entries({ sort, limit: 100, cursor }));
    expectSmall(pages);
    expect(pages.flatMap(({ items }) => items)).toHaveLength(sizes.length);
  }
});

it("cuts pages of an export by their bytes, and leaves nothing out", async () => {
  const { cursor: first } = await ada.users.start_export();
  const pages = await readPages((cursor) =>
    ada.users.export_records({ limit: 1000, cursor: cursor ?? first }),
  );
  expectSmall(pages, 1.5 * pageBytesMax);
  const kinds = pages.flatMap(({ items }) => items.map((item) => ("kind" in item ? item.kind : "")));
  expect(kinds.filter((kind) => kind === "transaction")).toHaveLength(sizes.length);
  expect(kinds.filter((kind) => kind === "transaction_entry")).toHaveLength(sizes.length);
});

it("cuts pages of suggestions by their bytes, and goes on where they end", async () => {
  const { id: owner_id } = await ada.auth.me();
  const answer = (number: number) => ({
    ...emptySuggestion,
    id: `019bc186-de00-7000-8000-${String(number).padStart(12, "0")}`,
    created_at: api.clock().toISOString(),
    reason: "x".repeat(20_000),
  });
  const answers = Array.from({ length: 30 }, (_, number) => answer(number));
  for (const each of answers) {
    const { id, outcome } = each;
    const row = {
      id,
      owner_id,
      outcome,
      allocation_bp: "{}",
      answer: JSON.stringify(each),
      created_at: api.clock(),
    };
    await api.deps.db.insertInto("rebalance_suggestions").values(row).execute();
  }
  const pages = await readPages((cursor) =>
    ada.predictions.rebalance_suggestions({ sort: "oldest", limit: 100, cursor }),
  );
  expectSmall(pages);
  // With what suggestions did not say when this one was stored.
  expect(pages.flatMap(({ items }) => items)).toMatchObject(answers);
});
