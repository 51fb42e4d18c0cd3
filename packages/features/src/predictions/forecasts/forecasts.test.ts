import { afterAll, beforeAll, expect, it } from "vitest";
import { codeOf, createTestApi, type TestApi } from "../../testing/index.ts";

type Caller = Awaited<ReturnType<TestApi["signUp"]>>;

const simulatedSource = {
  name: "simulated",
  simulated: true,
  as_of: "2026-01-15T00:00:00.000Z",
  fetched_at: "2026-01-15T12:00:00.000Z",
};

/** Both kinds of forecast, with their values under one name. */
async function readBoth(caller: Caller, input?: Parameters<Caller["predictions"]["risk_forecast"]>[0]) {
  const risk = await caller.predictions.risk_forecast(input);
  const apy = await caller.predictions.yield_forecast(input);
  return [
    { ...risk, items: risk.items.map((item) => ({ ...item, value: item.risk_score })) },
    { ...apy, items: apy.items.map((item) => ({ ...item, value: item.apy })) },
  ];
}

/** Shared, because its data takes a second to prepare: tests only read it, each as a user of its own. */
let api: TestApi;

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
});

afterAll(() => api[Symbol.asyncDispose]());

it("forecasts every protocol with version, interval, confidence, time and source", async () => {
  for (const forecast of await readBoth(await api.signUp())) {
    expect(forecast).toMatchObject({ horizon_days: 7, data_source: simulatedSource, next_cursor: null });
    expect(forecast.model).toMatchObject({
      version: expect.stringMatching(/^(risk|yield)-[0-9a-f]{24}$/),
      artefact_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      training_data_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      trained_at: "2026-01-15T12:00:00.000Z",
    });
    expect(forecast.items.map(({ protocol }) => protocol)).toEqual(["ekubo", "nostra", "vesu", "zklend"]);
    for (const item of forecast.items) {
      expect(item.lower).toBeLessThanOrEqual(item.value);
      expect(item.value).toBeLessThanOrEqual(item.upper);
      expect(item.confidence).toBeGreaterThanOrEqual(0);
      expect(item.confidence).toBeLessThanOrEqual(1);
      expect(item.interval_level).toBe(0.9);
      expect(item).toMatchObject({ market_id: null, symbol: null, model_version: forecast.model.version });
      expect(Date.parse(item.target_at) - Date.parse(item.as_of)).toBe(7 * 86_400_000);
    }
  }
});

it("marks the forecast of a protocol that stopped reporting as stale, and dates it", async () => {
  for (const { items } of await readBoth(await api.signUp())) {
    for (const { protocol, stale, as_of } of items) {
      expect([protocol, stale, as_of]).toEqual([
        protocol,
        protocol === "zklend",
        protocol === "zklend" ? "2025-02-12T00:00:00.000Z" : "2026-01-14T00:00:00.000Z",
      ]);
    }
  }
});

it("takes a feed's forecasts for stale once their time is over, and advises on none of them", async () => {
  await using later = await createTestApi({ withForecasts: true });
  later.clock.advance(7 * 86_400_000);
  const ada = await later.signUp();
  for (const { items } of await readBoth(ada)) expect(items.map(({ stale }) => stale)).not.toContain(false);
  // 12:00 was the last moment of its schedule that it knows of; a minute after the next one is tried again.
  await expect(ada.predictions.run_optimization()).rejects.toMatchObject({
    cause: {
      code: "FORECASTS_NOT_READY",
      details: {
        missing: "current_history",
        newest_day: "2026-01-14T00:00:00.000Z",
        retry_after_seconds: 480,
      },
      message: expect.stringContaining(
        "the market history ends on 2026-01-14, which is too old to advise on",
      ),
    },
  });
});

it("forecasts each market when asked for markets", async () => {
  for (const { items } of await readBoth(await api.signUp(), { granularity: "market" })) {
    expect(items).toHaveLength(13);
    expect(items).toContainEqual(
      expect.objectContaining({
        protocol: "ekubo",
        market_id: "simulated:ekubo:eth-usdc",
        symbol: "ETH-USDC",
      }),
    );
    const keys = items.map(({ protocol, market_id }) => `${protocol} ${market_id}`);
    expect(keys).toEqual(keys.toSorted());
  }
});

it("says with explain=true what each forecast is made up of, in numbers that sum to it and in words, and never without", async () => {
  const { predictions } = api.caller();
  for (const granularity of ["protocol", "market"] as const) {
    const [risk, apy] = [
      await predictions.risk_forecast({ granularity, explain: true }),
      await predictions.yield_forecast({ granularity, explain: true }),
    ];
    const items = [
      ...risk.items.map((item) => ({ ...item, value: item.risk_score })),
      ...apy.items.map((item) => ({ ...item, value: item.apy })),
    ];
    expect(items.filter(({ explanation }) => (explanation?.features.length ?? 0) > 0).length).toBeGreaterThan(
      4,
    );
    for (const { value, explanation, market_id } of items) {
      const { naive, start, features, others, sentence } = explanation ?? expect.fail("It is not explained.");
      const moved = features.reduce((sum, { contribution }) => sum + contribution, 0);
      // Each of up to eleven numbers is rounded.
      expect(Math.abs(naive + start + moved + others - value)).toBeLessThan(0.6);
      expect(sentence).toMatch(/naive forecasts/);
      for (const { name, meaning, value: read } of features) {
        expect(meaning).not.toBe(name);
        if (market_id === null) expect(read).toBeNull();
      }
    }
    for (const item of (await predictions.yield_forecast({ granularity })).items) {
      expect(item).not.toHaveProperty("explanation");
    }
  }
});

it("says of each model what moves it, in shares of all", async () => {
  const { items } = await api.caller().predictions.models();
  expect(items.length).toBeGreaterThan(1);
  for (const { feature_importances } of items) {
    const shares = (feature_importances ?? expect.fail("It does not say.")).map(({ share }) => share);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 1);
    expect(shares).toEqual(shares.toSorted((left, right) => right - left));
  }
});

it("gives by pages what it gives at once", async () => {
  const ada = await api.signUp();
  const all = await ada.predictions.risk_forecast({ granularity: "market" });
  const paged: typeof all.items = [];
  let cursor: string | undefined;
  do {
    const page = await ada.predictions.risk_forecast({ granularity: "market", limit: 4, cursor });
    paged.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(paged).toEqual(all.items);
});

it("forecasts one protocol when asked for it, and refuses one that does not exist", async () => {
  const ada = await api.signUp();
  for (const { items } of await readBoth(ada, { protocol: "vesu", granularity: "market" })) {
    expect(items.map(({ protocol }) => protocol)).toEqual(["vesu", "vesu", "vesu"]);
  }
  expect(await codeOf(ada.predictions.risk_forecast({ protocol: "nowhere" }))).toBe("PROTOCOL_UNKNOWN");
  expect(await codeOf(ada.predictions.yield_forecast({ protocol: "nowhere" }))).toBe("PROTOCOL_UNKNOWN");
});

it("says that forecasts are not ready while there is no model", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const { risk_forecast, yield_forecast, run_optimization } = ada.predictions;
  for (const call of [risk_forecast, yield_forecast, run_optimization]) {
    await expect(call()).rejects.toMatchObject({
      cause: { code: "FORECASTS_NOT_READY", details: { missing: "history", newest_day: null } },
    });
  }
  expect(await ada.predictions.rebalance_suggestions()).toEqual({ items: [], next_cursor: null });
});
