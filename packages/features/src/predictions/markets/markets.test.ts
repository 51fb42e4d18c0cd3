import { afterAll, beforeAll, expect, it } from "vitest";
import { setProtocolStatus } from "../../market/protocol-statuses.service.ts";
import { createTestApi, errorOf, type TestApi } from "../../testing/index.ts";

/** Shared: tests only read it. */
let api: TestApi;

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
});
afterAll(() => api[Symbol.asyncDispose]());

it("shows every market to everybody, with the figures of its history and the forecasts of the live models", async () => {
  const nobody = api.caller();
  const { items, data_source } = await nobody.analytics.markets();
  expect(items.length).toBe(13);
  expect(data_source.simulated).toBe(true);
  for (const { protocol, market_id, ...market } of items.slice(0, 3)) {
    const history = await nobody.analytics.risk_history({ market_id, days: 30 });
    expect(new Set(history.items.map((point) => point.market_id))).toEqual(new Set([market_id]));
    const [newest] = history.items;
    expect(market).toMatchObject({
      as_of: newest?.as_of,
      apy: newest?.apy,
      tvl_usd: newest?.tvl_usd,
      risk_score: newest?.risk_score,
      symbol: newest?.symbol,
      unknown_inputs: newest?.unknown_inputs,
      status: "active",
    });
    expect(market.recent_apy).toHaveLength(history.items.length);
    expect(market.recent_apy.at(-1)).toBeCloseTo(newest?.apy ?? Number.NaN, 3);
    const forecasts = await nobody.predictions.yield_forecast({ protocol, granularity: "market" });
    const expected = forecasts.items.find((item) => item.market_id === market_id);
    expect(market.expected_apy).toMatchObject({
      value: expected?.apy,
      lower: expected?.lower,
      upper: expected?.upper,
      target_at: expected?.target_at,
      stale: expected?.stale,
    });
  }
});

it("marks forecasts of a feed as stale once their time has passed, also in a response that was kept", async () => {
  const nobody = api.caller();
  const before = await nobody.analytics.markets({ protocol: "ekubo" });
  expect(before.items[0]?.expected_apy?.stale).toBe(false);
  api.clock.advance(30 * 86_400_000);
  const after = await nobody.analytics.markets({ protocol: "ekubo" });
  expect(after.items[0]?.expected_apy?.stale).toBe(true);
});

it("shows no forecast as current of a protocol that is not active, at once, and as before when it is again", async () => {
  await using own = await createTestApi({ withForecasts: true });
  const show = async () => {
    const { items } = await own.caller().analytics.markets({ protocol: "vesu" });
    return items.map(({ status, expected_apy, expected_risk, illiquidity_probability }) => ({
      status,
      stale: [expected_apy?.stale, expected_risk?.stale],
      isIlliquidityKnown: illiquidity_probability !== null,
    }));
  };
  const set = (status: "paused" | "active") =>
    setProtocolStatus(own.deps, {
      protocol: "vesu",
      status,
      evidenceUrl: "https://example.org/status",
      since: undefined,
      reason: undefined,
    });
  const before = await show();
  expect(before.every(({ stale }) => stale.every((isStale) => isStale === false))).toBe(true);
  await set("paused");
  expect(await show()).toEqual(
    before.map(() => ({ status: "paused", stale: [true, true], isIlliquidityKnown: false })),
  );
  await set("active");
  expect(await show()).toEqual(before);
});

it("gives one market, none of a name that nobody knows, and says which protocols there are", async () => {
  const nobody = api.caller();
  const [first] = (await nobody.analytics.markets({ limit: 1 })).items;
  const { items } = await nobody.analytics.markets({ market_id: first?.market_id });
  expect(items.map(({ market_id }) => market_id)).toEqual([first?.market_id]);
  expect((await nobody.analytics.markets({ market_id: "nothing" })).items).toEqual([]);
  const past = await nobody.predictions.forecast_history({ market_id: first?.market_id });
  expect(new Set(past.items.map(({ market_id }) => market_id))).toEqual(new Set([first?.market_id]));
  expect(await errorOf(nobody.analytics.markets({ protocol: "nowhere" }))).toMatchObject({
    code: "PROTOCOL_UNKNOWN",
  });
});
