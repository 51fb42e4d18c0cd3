import { sql } from "kysely";
import { expect, it } from "vitest";
import {
  createTestApi,
  forecastHere,
  importLater,
  promoteAlways,
  type TestApi,
  trainOnce,
} from "../../testing/index.ts";
import { recordActuals } from "../forecasts/actuals.service.ts";
import { rollBackModel } from "../models/model-commands.service.ts";
import { retrainModels } from "../models/retrain-models.service.ts";

const retraining = { horizonDays: 7, train: trainOnce, decide: promoteAlways, forecast: forecastHere };

/** The API forecasts on 2026-01-15, of the day before. Its targets, on the 21st, are over once the 22nd has begun. */
const asOf = "2026-01-14T00:00:00.000Z";
const target = "2026-01-21T00:00:00.000Z";

async function createForecasts(daysLater: number) {
  const api = await createTestApi({ withForecasts: true });
  await importLater(api, daysLater);
  return { api, ada: await api.signUp() };
}

function predictions({ deps: { db } }: TestApi) {
  return db.selectFrom("predictions").selectAll().orderBy("id").execute();
}

/** Mean APY of a market over the days of the forecast, from its raw observations. */
async function meanApy({ deps: { db } }: TestApi, marketId: string, from: string): Promise<number> {
  const rows = await db
    .selectFrom("market_history")
    .select("apy")
    .where("market_id", "=", marketId)
    .where("observed_at", ">", new Date(from))
    .orderBy("observed_at")
    .limit(7)
    .execute();
  return rows.reduce((sum, { apy }) => sum + (apy ?? Number.NaN), 0) / rows.length;
}

async function riskScore({ deps: { db } }: TestApi, marketId: string, on: string): Promise<number> {
  const row = db.selectFrom("risk_history").select("risk_score").where("market_id", "=", marketId);
  return (await row.where("as_of", "=", new Date(on)).executeTakeFirstOrThrow()).risk_score;
}

it("records what came true for each forecast, market and protocol alike, and says how many", async () => {
  const { api } = await createForecasts(8);
  await using _ = api;
  // 10 markets and 3 protocols of each kind; zkLend's were stale.
  expect(await recordActuals(api.deps)).toEqual({ recorded: 26, unobserved: 0 });
  for (const row of await predictions(api)) {
    if (row.stale) {
      expect(row).toMatchObject({ protocol: "zklend", actual_value: null, actual_at: null });
      continue;
    }
    const outcome = (marketId: string) =>
      row.kind === "risk" ? riskScore(api, marketId, target) : meanApy(api, marketId, asOf);
    const markets =
      row.market_id === null
        ? (row.details as { markets: { market_id: string; weight: number }[] }).markets
        : [{ market_id: row.market_id, weight: 1 }];
    let expected = 0;
    for (const { market_id, weight } of markets) expected += weight * (await outcome(market_id));
    expect(row.actual_value).toBeCloseTo(expected, 9);
    expect(row.actual_at).toEqual(api.clock());
  }
});

it("records nothing before a forecast's last day is over", async () => {
  const { api } = await createForecasts(6);
  await using _ = api;
  expect(await recordActuals(api.deps)).toEqual({ recorded: 0, unobserved: 0 });
});

it("never replaces a recorded outcome", async () => {
  const { api } = await createForecasts(8);
  await using _ = api;
  await recordActuals(api.deps);
  const before = await predictions(api);
  await sql`update market_history set apy = 1, apy_base = 1`.execute(api.deps.db);
  api.clock.advance(1_000);
  expect(await recordActuals(api.deps)).toEqual({ recorded: 0, unobserved: 0 });
  expect(await predictions(api)).toEqual(before);
});

it("records once when two processes do it at the same time", async () => {
  const { api } = await createForecasts(8);
  await using _ = api;
  const runs = await Promise.all([recordActuals(api.deps), recordActuals(api.deps)]);
  expect(runs.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(26);
});

it("leaves a forecast without an outcome while its market is not observed, and counts it as unobserved", async () => {
  const { api, ada } = await createForecasts(8);
  await using _ = api;
  const gap = sql`delete from market_history where market_id like 'simulated:vesu:%' and observed_at > ${asOf}
    returning *`;
  const { rows } = await gap.execute(api.deps.db);
  // Three markets and their protocol, of each kind.
  expect(await recordActuals(api.deps)).toEqual({ recorded: 18, unobserved: 8 });
  const { items } = await ada.predictions.track_record({ protocol: "vesu" });
  expect(items).toMatchObject([
    { kind: "risk", n: 0, n_pending: 0, n_unobserved: 1, mae: null, coverage: null, last_target_at: null },
    { kind: "yield", n: 0, n_pending: 0, n_unobserved: 1 },
  ]);
  await sql`insert into market_history select * from json_populate_recordset(null::market_history,
    ${JSON.stringify(rows)}::json)`.execute(api.deps.db);
  expect(await recordActuals(api.deps)).toEqual({ recorded: 8, unobserved: 0 });
});

it("shows error, coverage and calibration per protocol, beside the naive baseline, as a hand computes them", async () => {
  const { api, ada } = await createForecasts(8);
  await using _ = api;
  await recordActuals(api.deps);
  const all = (await predictions(api)).filter(({ stale }) => !stale);
  for (const granularity of ["protocol", "market"] as const) {
    const { items, data_source } = await ada.predictions.track_record({ granularity });
    expect(data_source).toMatchObject({ name: "simulated", simulated: true });
    expect(items.map(({ kind, protocol }) => `${kind} ${protocol}`)).toEqual(
      ["risk", "yield"].flatMap((kind) =>
        ["ekubo", "nostra", "vesu"].map((protocol) => `${kind} ${protocol}`),
      ),
    );
    for (const item of items) {
      const rows = all
        .filter(({ kind, protocol }) => kind === item.kind && protocol === item.protocol)
        .filter(({ market_id }) => (market_id === null) === (granularity === "protocol"))
        .map((row) => ({ ...row, actual: row.actual_value ?? Number.NaN }));
      const mean = (read: (row: (typeof rows)[number]) => number) =>
        rows.reduce((sum, row) => sum + read(row), 0) / rows.length;
      const { by_served_by: _parts, ...figures } = item;
      expect(figures).toEqual({
        kind: item.kind,
        protocol: item.protocol,
        horizon_days: 7,
        n: rows.length,
        n_prospective: rows.length,
        n_pending: 0,
        n_unobserved: 0,
        mae: expect.closeTo(
          mean(({ actual, value }) => Math.abs(actual - value)),
          9,
        ),
        baseline_mae: expect.closeTo(
          mean(({ actual, baseline_value }) => Math.abs(actual - baseline_value)),
          9,
        ),
        interval_level: expect.closeTo(0.9, 9),
        coverage: expect.closeTo(
          mean(({ actual, lower, upper }) => Number(lower <= actual && actual <= upper)),
          9,
        ),
        mean_confidence: expect.closeTo(
          mean(({ confidence }) => confidence),
          9,
        ),
        within_tolerance: expect.closeTo(
          mean(({ actual, value, confidence_tolerance }) =>
            Number(Math.abs(actual - value) <= confidence_tolerance),
          ),
          9,
        ),
        first_target_at: target,
        last_target_at: target,
      });
    }
  }
});

it("counts each market and day once, with the forecast that was given first", async () => {
  const { api, ada } = await createForecasts(8);
  await using _ = api;
  const first = await retrainModels(api.deps, retraining);
  await rollBackModel(api.deps, {
    kind: "yield",
    horizonDays: 7,
    version: undefined,
    forecast: forecastHere,
  });
  const before = await ada.predictions.track_record({ kind: "yield", protocol: "vesu" });
  expect(before.items).toMatchObject([{ n: 0, n_pending: 1, n_unobserved: 1 }]);
  await importLater(api, 16);
  // 10 markets and 3 protocols: risk of two days, yield of two days and, of the second, by two models.
  expect(await recordActuals(api.deps)).toEqual({ recorded: 5 * 13, unobserved: 0 });
  const { items } = await ada.predictions.track_record({ kind: "yield", protocol: "vesu" });
  const rows = (await predictions(api)).filter(
    ({ kind, protocol, market_id }) => kind === "yield" && protocol === "vesu" && market_id === null,
  );
  const given = rows.filter(
    ({ as_of, model_version }) =>
      model_version === (as_of.toISOString() === asOf ? api.models?.yield.version : first.yield.version),
  );
  expect([rows.length, given.length]).toEqual([3, 2]);
  const errors = given.map(({ actual_value, value }) => Math.abs((actual_value ?? Number.NaN) - value));
  expect(items).toMatchObject([
    { n: 2, n_pending: 0, mae: expect.closeTo(errors.reduce((sum, error) => sum + error, 0) / 2, 9) },
  ]);
});

it("tells forecasts that were made before their target from those in hindsight", async () => {
  const { api } = await createForecasts(8);
  await using _ = api;
  api.clock.advance(30 * 86_400_000);
  await retrainModels(api.deps, retraining);
  await importLater(api, 1);
  await recordActuals(api.deps);
  const ada = await api.signUp();
  const { items } = await ada.predictions.track_record({ kind: "risk", protocol: "ekubo" });
  expect(items).toMatchObject([{ n: 2, n_prospective: 1 }]);
});

it("sets apart what models forecast and what the baseline did", async () => {
  const { api, ada } = await createForecasts(8);
  await using _ = api;
  await recordActuals(api.deps);
  for (const { by_served_by, ...total } of (await ada.predictions.track_record()).items) {
    const served = api.models?.[total.kind].header.served_by;
    const { kind: _kind, protocol: _protocol, horizon_days: _days, ...figures } = total;
    expect(by_served_by).toEqual([{ served_by: served, ...figures }]);
  }
});

it("gives by pages what it gives at once, and knows its protocols", async () => {
  const { api, ada } = await createForecasts(1);
  await using _ = api;
  const all = await ada.predictions.track_record();
  const paged: typeof all.items = [];
  let cursor: string | undefined;
  do {
    const page = await ada.predictions.track_record({ limit: 4, cursor });
    paged.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(paged).toEqual(all.items);
  expect(paged).toHaveLength(6);
  await expect(ada.predictions.track_record({ protocol: "nowhere" })).rejects.toMatchObject({
    cause: { code: "PROTOCOL_UNKNOWN" },
  });
  await expect(api.caller().predictions.track_record()).rejects.toMatchObject({
    cause: { code: "UNAUTHENTICATED" },
  });
});

it("has nothing to show before anything was imported", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  expect(await ada.predictions.track_record()).toMatchObject({ items: [], next_cursor: null });
  expect(await ada.predictions.models()).toMatchObject({ items: [], next_cursor: null });
  expect(await recordActuals(api.deps)).toEqual({ recorded: 0, unobserved: 0 });
});
