import { isList, listEndpoints } from "@obsqra/contract";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addPastSuggestions, createTestApi, type TestApi } from "../src/testing/index.ts";

/** As much as rows may have, and what a page has besides. */
const pageBytesMax = 100 * 1024;
const copies = 20;

let api: TestApi;

/** Makes many markets of the few, with figures and forecasts of the newest days. */
beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
  const copyRows = (table: string, market: string, where: string, facts = "'{}'") =>
    sql
      .raw(`insert into ${table} select (jsonb_populate_record(null::${table},
        to_jsonb(original) || jsonb_build_object('${market}', ${market} || '-' || number) || ${facts})).*
      from (select * from ${table} where ${where}) as original, generate_series(1, ${copies}) as number`)
      .execute(api.deps.db);
  await copyRows("markets", "id", "true");
  const newest = (column: string, table: string) =>
    `${column} > (select max(${column}) from ${table}) - interval '3 days'`;
  await copyRows("market_history", "market_id", newest("observed_at", "market_history"));
  await copyRows("risk_history", "market_id", newest("as_of", "risk_history"));
  const id = "jsonb_build_object('id', gen_random_uuid())";
  await copyRows(
    "predictions",
    "market_id",
    `market_id is not null and as_of = (select max(as_of) from predictions)`,
    id,
  );
  await addPastSuggestions(api, 300);
});
afterAll(() => api[Symbol.asyncDispose]());

interface Page {
  readonly items: readonly object[];
  readonly next_cursor: string | null;
}

type Caller = ReturnType<TestApi["caller"]>;
interface PageInput {
  readonly limit: number;
  readonly cursor: string | undefined;
}

const market = { granularity: "market" } as const;
const lists: Readonly<Record<string, (caller: Caller, page: PageInput) => Promise<Page>>> = {
  "analytics.markets": ({ analytics }, page) => analytics.markets(page),
  "analytics.risk_history": ({ analytics }, page) => analytics.risk_history({ ...page, ...market, days: 7 }),
  "predictions.risk_forecast": ({ predictions }, page) => predictions.risk_forecast({ ...page, ...market }),
  "predictions.yield_forecast": ({ predictions }, page) =>
    predictions.yield_forecast({ ...page, ...market, sort: "highest" }),
  "predictions.forecast_history": ({ predictions }, page) =>
    predictions.forecast_history({ ...page, ...market }),
  "predictions.suggestion_history": ({ predictions }, page) => predictions.suggestion_history(page),
};

it.each(Object.keys(lists))("ends pages of %s after so many bytes, and leaves nothing out", async (name) => {
  const read = async (limit: number) => {
    const pages: Page[] = [];
    let cursor: string | undefined;
    do {
      const page = await lists[name]?.(api.caller(), { limit, cursor });
      if (page === undefined) throw new Error(name);
      pages.push(page);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return pages;
  };
  const large = await read(1000);
  for (const page of large) expect(JSON.stringify(page).length).toBeLessThan(pageBytesMax);
  expect(large.length).toBeGreaterThan(1);
  const items = large.flatMap((page) => page.items);
  expect(items.length).toBeGreaterThan(copies);
  expect(items).toEqual((await read(40)).flatMap((page) => page.items));
});

/** Those that nobody can fill: a model is decided about every few days, protocols and months are few. They end all the same. */
const shortLists = ["predictions.models", "predictions.track_record", "predictions.track_record_parts"];

it("is so of every list that is read without an account", () => {
  const open = listEndpoints().filter(({ endpoint }) => endpoint.access === "public" && isList(endpoint));
  expect(open.map(({ path }) => path).toSorted()).toEqual([...Object.keys(lists), ...shortLists].toSorted());
});
