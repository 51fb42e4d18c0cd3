import { type ChainGas, whatIfExample, whatIfInput } from "@obsqra/contract";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createTestApi, type TestApi } from "../../testing/index.ts";

const quote: ChainGas = {
  chain: "Starknet",
  usd: "0.012345",
  block: 1_234_567,
  read_at: "2026-01-14T23:50:00.000Z",
};

/** Shared, because tests only read it, each as a user of its own. */
let api: TestApi;
/** What is known of gas. */
let known: readonly ChainGas[];

beforeAll(async () => {
  api = await createTestApi({
    withForecasts: true,
    gasQuotes: { current: () => known, refresh: async () => {} },
  });
});

beforeEach(() => {
  known = [quote];
});

afterAll(() => api[Symbol.asyncDispose]());

it("counts gas as read of the chain, and says of when, and what the suggestion was made from", async () => {
  const ada = await api.signUp();
  const given = await ada.predictions.run_optimization({ assets: ["USDC"], amount: "10000" });
  // Two deposits.
  expect(given.costs).toMatchObject({
    gas: "0.02",
    gas_source: "chain",
    gas_read_at: quote.read_at,
    assumed: true,
  });
  expect(given.made_from?.gas).toEqual([quote]);
  const { items } = await ada.predictions.rebalance_suggestions();
  expect(items[0]).toEqual(given);
});

it("counts it as documented, and marks that, where nothing is known", async () => {
  known = [];
  const ada = await api.signUp();
  const given = await ada.predictions.run_optimization({ assets: ["USDC"], amount: "10000" });
  expect(given.costs).toMatchObject({ gas: "0.20", gas_source: "assumed", gas_read_at: null });
  expect(given.made_from?.gas).toEqual([]);
});

it("advises a small holder a move that the documented figure forbids", async () => {
  const ada = await api.signUp();
  const ask = () => ada.predictions.run_optimization({ assets: ["USDC"], amount: "40" });
  known = [{ ...quote, usd: "9.900000" }];
  const dear = await ask();
  known = [{ ...quote, usd: "0.000100" }];
  const cheap = await ask();
  expect(dear.outcome).toBe("hold");
  expect(cheap.outcome).toBe("rebalance");
});

const question = whatIfInput.parse(whatIfExample);

it("counts it in a what-if, by chain", async () => {
  const ada = await api.signUp();
  const one = await ada.predictions.what_if({ ...question, amount: "10000" });
  expect(one.costs).toMatchObject({ gas_source: "chain", gas_read_at: quote.read_at, gas: [quote] });
  expect(one.cost_bp).toBe(0.02);
  const protocols = question.protocols.map((each, place) =>
    place === 2 ? { ...each, chain: "Ethereum" } : { ...each, chain: "starknet" },
  );
  const both = await ada.predictions.what_if({ ...question, protocols, amount: "10000" });
  expect(both.costs).toMatchObject({ gas_source: "mixed", gas_read_at: quote.read_at });
  // A deposit on Ethereum is documented as 3 dollars.
  expect(both.cost_bp).toBe(3.01);
  const elsewhere = question.protocols.map((each) => ({ ...each, chain: "Ethereum" }));
  const none = await ada.predictions.what_if({ ...question, protocols: elsewhere });
  expect(none.costs).toMatchObject({ gas_source: "assumed", gas_read_at: null });
});

it("counts what is stated in place of all of it", async () => {
  const ada = await api.signUp();
  const { costs } = await ada.predictions.what_if({ ...question, costs: { moving_cost_bp: 10 } });
  expect(costs).toMatchObject({ moving_cost_bp: 10, gas_source: null, gas_read_at: null, gas: [] });
});
