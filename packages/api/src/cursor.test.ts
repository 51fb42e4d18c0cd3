import { expect, it } from "vitest";
import { codeOf, createTestApi, type TestApi } from "./testing/index.ts";

type Caller = Awaited<ReturnType<TestApi["signUp"]>>;
type List = (cursor: string) => Promise<unknown>;

/** Every list that is paged by cursor. */
function listsOf(caller: Caller): Record<string, List> {
  return {
    transactions: (cursor) => caller.transactions.list({ cursor }),
    allocation_history: (cursor) => caller.analytics.allocation_history({ cursor }),
    rebalance_suggestions: (cursor) => caller.predictions.rebalance_suggestions({ cursor }),
    risk_history: (cursor) => caller.analytics.risk_history({ cursor }),
    market_risk_history: (cursor) => caller.analytics.risk_history({ cursor, granularity: "market" }),
    risk_forecast: (cursor) => caller.predictions.risk_forecast({ cursor }),
    yield_forecast: (cursor) => caller.predictions.yield_forecast({ cursor }),
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

const id = "019bc186-de00-7000-8000-a19af8b2bbf6";
const moment = "2026-01-15T00:00:00.000Z";

const forged = [
  "x",
  "not base64 at all!",
  Buffer.from("{").toString("base64url"),
  "[".repeat(512),
  encode(null),
  encode([]),
  encode([id]),
  encode({ 0: "transactions", 1: id }),
  encode(["transactions", "' or true --"]),
  encode(["transactions", id, id]),
  encode(["allocation_history", 1]),
  encode(["risk_history", "yesterday", "nostra", ""]),
  encode(["risk_history", "0000-01-01T00:00:00.000Z", "nostra", ""]),
  encode(["risk_history", moment, "nos\0tra", ""]),
  encode(["risk_history", moment, "nostra", "\0"]),
  encode(["risk_forecast", "nos\0tra", ""]),
  encode(["yield_forecast", "nostra", "\0"]),
];

it("refuses forged cursors in every list, without an error in the log", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const lists = listsOf(await api.signUp("ada@example.org"));
  for (const [name, list] of Object.entries(lists)) {
    for (const cursor of forged) expect([name, await codeOf(list(cursor))]).toEqual([name, "CURSOR_INVALID"]);
  }
  expect(api.logged).toEqual([]);
});

it("refuses the cursors of other lists", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp("ada@example.org");
  for (const tx_hash of ["0x1", "0x2"]) {
    await ada.transactions.create({ tx_hash, tx_type: "allocate", amount: "1", allocation: { nostra: 100 } });
    await ada.predictions.run_optimization();
  }
  const pages = {
    transactions: await ada.transactions.list({ limit: 1 }),
    allocation_history: await ada.analytics.allocation_history({ limit: 1 }),
    rebalance_suggestions: await ada.predictions.rebalance_suggestions({ limit: 1 }),
    risk_history: await ada.analytics.risk_history({ limit: 1 }),
    risk_forecast: await ada.predictions.risk_forecast({ limit: 1 }),
    yield_forecast: await ada.predictions.yield_forecast({ limit: 1 }),
  };
  const { market_risk_history: _, ...lists } = listsOf(ada);
  for (const [from, { next_cursor }] of Object.entries(pages)) {
    for (const [to, list] of Object.entries(lists)) {
      const code = await codeOf(list(next_cursor ?? ""));
      expect([from, to, code]).toEqual([from, to, from === to ? undefined : "CURSOR_INVALID"]);
    }
  }
});
