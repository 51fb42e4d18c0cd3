import type { Problem } from "@obsqra/contract";
import { expect, it } from "vitest";
import { createGraphqlService } from "./index.ts";

const service = createGraphqlService({
  limits: { tokens: 2_000, depth: 16, fields: 500, aliases: 20, calls: 20 },
  allowsIntrospection: false,
  refuse: (issues) => new Error(issues.map(({ message }) => message).join()),
});

/** Lists of so many markets, and of a forecast for all but the last; pages of two. */
function createLists(count: number) {
  const asked: [path: string, input: unknown][] = [];
  const markets = Array.from({ length: count }, (_, each) => `m-${each}`);
  const call = async (path: string, input: unknown) => {
    asked.push([path, input]);
    const { market_id, cursor = "0" } = input as { market_id?: string; cursor?: string };
    const listed = path === "analytics.markets" ? markets : markets.slice(0, -1);
    const wanted = listed.filter((id) => market_id === undefined || id === market_id);
    const begin = Number(cursor);
    const items = wanted.slice(begin, begin + 2).map((id) => ({ market_id: id, symbol: `of ${id}`, apy: 1 }));
    return { items, next_cursor: begin + 2 < wanted.length ? String(begin + 2) : null };
  };
  return { asked, call };
}

async function run(query: string, call: (path: string, input: unknown) => Promise<unknown>) {
  const context = { call, open: () => Promise.reject(new Error()), toProblem: problemOf };
  const { data, errors } = await service.run(service.read(query, undefined), {
    context,
    variables: undefined,
  });
  return { data: JSON.parse(JSON.stringify(data ?? null)), errors };
}

function problemOf(error: unknown): Problem {
  const detail = String(error);
  return { type: "", title: "", status: 503, code: "SERVER_OVERLOADED", detail, request_id: "1" };
}

const markets = "... on MarketsConnection { nodes { market_id yield_forecast { apy market { symbol } } } }";

it("finds all that a page leads to by one call of its list, page by page, and what is not there is null", async () => {
  const { asked, call } = createLists(4);
  const { data } = await run(`{ analytics_markets(first: 4) { ${markets} } }`, call);
  expect(data.analytics_markets.nodes.slice(0, 2)).toEqual([
    { market_id: "m-0", yield_forecast: { apy: 1, market: { symbol: "of m-0" } } },
    { market_id: "m-1", yield_forecast: { apy: 1, market: { symbol: "of m-1" } } },
  ]);
  expect(asked).toEqual([
    ["analytics.markets", { limit: 4 }],
    ["predictions.yield_forecast", { granularity: "market", limit: 1_000 }],
    ["analytics.markets", { limit: 1_000 }],
  ]);
});

it("goes on until all are found, or the list ends", async () => {
  const { asked, call } = createLists(6);
  const listed = async (path: string, input: unknown) => {
    if (asked.length > 0) return call(path, input);
    asked.push([path, input]);
    return { items: [{ market_id: "m-0" }, { market_id: "m-5" }], next_cursor: null };
  };
  const { data } = await run(`{ analytics_markets { ${markets} } }`, listed);
  expect(data.analytics_markets.nodes[1].yield_forecast).toBeNull();
  expect(asked.map(([path]) => path)).toEqual([
    "analytics.markets",
    ...Array(3).fill("predictions.yield_forecast"),
    "analytics.markets",
  ]);
  // Where there is one only, it is asked for.
  expect(asked.at(-1)).toEqual(["analytics.markets", { limit: 1_000, market_id: "m-0" }]);
});

it("says beside the data why something could not be found", async () => {
  const { call } = createLists(2);
  const failing = async (path: string, input: unknown) => {
    if (path !== "analytics.markets") throw new Error("busy");
    return call(path, input);
  };
  const { data, errors } = await run(`{ analytics_markets { ${markets} } }`, failing);
  expect(data.analytics_markets.nodes[0]).toEqual({ market_id: "m-0", yield_forecast: null });
  expect(errors?.[0]).toMatchObject({
    path: ["analytics_markets", "nodes", 0, "yield_forecast"],
    extensions: { code: "SERVER_OVERLOADED" },
  });
});

it("is paid for before anything is called: once for each field that leads on, and once more under other names", () => {
  const costOf = (query: string) => Object.fromEntries(service.read(query, undefined).cost.shares);
  expect(costOf(`{ analytics_markets { ${markets} } }`)).toEqual({
    "analytics.markets": 2,
    "predictions.yield_forecast": 1,
  });
  const twice =
    "... on MarketsConnection { nodes { a: yield_forecast { apy } b: yield_forecast { x: apy } } }";
  expect(costOf(`{ analytics_markets { ${twice} } }`)).toEqual({
    "analytics.markets": 4,
    "predictions.yield_forecast": 3,
  });
  const deep = `${"market { yield_forecast { ".repeat(9)}apy${" } }".repeat(9)}`;
  const nested = `{ predictions_yield_forecast { ... on YieldForecastConnection { nodes { ${deep} } } } }`;
  expect(() => costOf(nested)).toThrow("nest at most");
});
