import fc from "fast-check";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createTestApi, type TestApi } from "../src/testing/index.ts";
import { listMarketLists } from "./paging/market-lists.ts";
import type { PagedList } from "./paging/paged-list.ts";
import { quickHasher } from "./paging/quick-hasher.ts";
import { findViolations, readings, readWhileAdding } from "./paging/read-while-adding.ts";
import { listUserLists } from "./paging/user-lists.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** How long `pnpm paging` wants it; the suite does not say. */
    paging?: { readonly runs: number; readonly seed: number };
  }
}

const { runs, seed } = inject("paging") ?? { runs: inject("isLong") ? 20 : 1, seed: undefined };

let api: TestApi;
let lists: PagedList[];

beforeAll(async () => {
  api = await createTestApi({
    withForecasts: true,
    passwordHasher: quickHasher,
    // Signing in adds a session; here somebody does so more often than anybody may.
    throttleLimits: { perEmailAndIp: 1_000_000, perIp: 1_000_000 },
  });
  const caller = await api.signUp();
  const { model } = await caller.predictions.risk_forecast({ limit: 1 });
  lists = [...listUserLists(await caller.predictions.run_optimization()), ...listMarketLists(model)];
});
afterAll(() => api[Symbol.asyncDispose]());

it("gives whatever was there when reading began once and in order, whatever is added meanwhile", {
  timeout: 60_000 + runs * 60_000,
}, async () => {
  for (const list of lists) {
    await fc.assert(neverViolated(list), { numRuns: runs, ...(seed === undefined ? {} : { seed }) });
  }
  process.stdout.write(
    `Paging on ${inject("databaseEngine")}: ${lists.length} lists, ${lists.length * runs} runs, 0 violations.\n`,
  );
});

/** What is known to go wrong, each with how it would be noticed. */
const brokenLists: readonly [string, PagedList, RegExp][] = [
  ["counts rows from the newest", listInMemory("newest", { cursorIsCount: true }), /a row came twice/],
  [
    "takes what is added as the next page",
    listInMemory("shuffled", { cursorIsCount: true }),
    /out of order|missing/,
  ],
  ["leaves out a row at the end of each page", listInMemory("newest", { skips: true }), /is missing/],
];

it.each(brokenLists)("notices a list that %s", async (_what, list, violation) => {
  const result = await fc.check(neverViolated(list), { numRuns: 200 });
  expect(String(result.errorInstance)).toMatch(violation);
});

function neverViolated(list: PagedList) {
  return fc.asyncProperty(readings, async (reading) => {
    const violations = findViolations(list, await readWhileAdding(list, api, reading));
    if (violations.length > 0) throw new Error(`${list.name}: ${violations.join("; ")}`);
  });
}

/** A list that does not need an API, to break. */
function listInMemory(
  order: "newest" | "shuffled",
  { cursorIsCount = false, skips = false }: { readonly cursorIsCount?: boolean; readonly skips?: boolean },
): PagedList {
  return {
    name: order,
    open: async () => {
      const rows: string[] = [];
      return {
        add: async (choice) => {
          if (order === "newest") rows.unshift(`row ${rows.length}`);
          else rows.splice(choice, 0, `row ${rows.length}`);
        },
        read: async ({ limit, cursor }) => {
          const start = cursorIsCount
            ? Number(cursor ?? 0)
            : rows.indexOf(cursor ?? "") + 1 + (skips && cursor ? 1 : 0);
          const keys = rows.slice(start, start + limit);
          const isLast = start + limit >= rows.length;
          return {
            keys,
            next_cursor: isLast ? null : cursorIsCount ? String(start + limit) : (keys.at(-1) ?? null),
          };
        },
      };
    },
  };
}
