import {
  figureRounder,
  type PastForecast,
  type TrackRecordFigures,
  trackRecord,
  trackRecordInput,
} from "@obsqra/contract";
import { roundFigure } from "@obsqra/contract/testing";
import { withoutRules } from "@obsqra/db/testing";
import { createResponseCache } from "@obsqra/platform";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectCosignatures } from "../../receipts/witnesses/cosignatures.service.ts";
import {
  createTestApi,
  createTestWitness,
  forecastHere,
  importLater,
  promoteAlways,
  type TestApi,
  trainOnce,
  writeWholeLog,
} from "../../testing/index.ts";
import { recordActuals } from "../forecasts/actuals.service.ts";
import { rollBackModel } from "../models/model-commands.service.ts";
import { retrainModels } from "../models/retrain-models.service.ts";
import { getTrackRecord } from "./track-record.service.ts";

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

describe("what came true", () => {
  let api: TestApi;

  beforeAll(async () => {
    ({ api } = await createForecasts(6));
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it("records nothing before a forecast's last day is over", async () => {
    expect(await recordActuals(api.deps)).toEqual({ recorded: 0, unobserved: 0 });
  });

  it("records once when two processes do it at the same time, and says how many", async () => {
    await importLater(api, 8);
    const runs = await Promise.all([recordActuals(api.deps), recordActuals(api.deps)]);
    // 10 markets and 3 protocols of each kind; zkLend's were stale.
    expect(runs.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(26);
    expect(runs.map(({ unobserved }) => unobserved)).toEqual([0, 0]);
  });

  it("records it for each forecast, market and protocol alike", async () => {
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

  it("never replaces a recorded outcome", async () => {
    const before = await predictions(api);
    await sql`update market_history set apy = 1, apy_base = 1`.execute(api.deps.db);
    api.clock.advance(1_000);
    expect(await recordActuals(api.deps)).toEqual({ recorded: 0, unobserved: 0 });
    expect(await predictions(api)).toEqual(before);
  });
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
    { n: 2, n_pending: 0, mae: roundFigure("error", errors.reduce((sum, error) => sum + error, 0) / 2) },
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

it("has nothing to show before anything was imported", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  expect(await ada.predictions.track_record()).toMatchObject({ items: [], next_cursor: null });
  expect(await ada.predictions.models()).toMatchObject({ items: [], next_cursor: null });
  expect(await ada.predictions.forecast_history()).toMatchObject({ items: [], next_cursor: null });
  expect(await recordActuals(api.deps)).toEqual({ recorded: 0, unobserved: 0 });
});

/** What is compared of forecasts: their mean, or null of none. */
function meanOf<TItem>(items: readonly TItem[], read: (item: TItem) => number): unknown {
  if (items.length === 0) return null;
  // Errors, probabilities and shares have as many decimals.
  return roundFigure("error", items.reduce((sum, item) => sum + read(item), 0) / items.length);
}

/** The figures of a track record, from the forecasts that are listed to everybody. */
function recompute(forecasts: readonly PastForecast[]): Record<keyof TrackRecordFigures, unknown> {
  const scored = forecasts.flatMap((forecast) =>
    forecast.outcome === null || forecast.status === "unwitnessed"
      ? []
      : [{ ...forecast, actual: forecast.outcome.value }],
  );
  const withStatus = (wanted: PastForecast["status"]) =>
    forecasts.filter(({ status }) => status === wanted).length;
  const targets = scored.map(({ target_at }) => target_at).toSorted();
  return {
    n: withStatus("scored"),
    n_prospective: scored.filter(({ created_at, target_at }) => created_at < target_at).length,
    n_pending: withStatus("pending"),
    n_unobserved: withStatus("unobserved"),
    n_unwitnessed: withStatus("unwitnessed"),
    mae: meanOf(scored, ({ actual, value }) => Math.abs(actual - value)),
    baseline_mae: meanOf(scored, ({ actual, baseline_value }) => Math.abs(actual - baseline_value)),
    interval_level: meanOf(scored, ({ interval_level }) => interval_level),
    coverage: meanOf(scored, ({ actual, lower, upper }) => Number(lower <= actual && actual <= upper)),
    mean_confidence: meanOf(scored, ({ confidence }) => confidence),
    within_tolerance: meanOf(scored, ({ actual, value, confidence_tolerance }) =>
      Number(Math.abs(actual - value) <= confidence_tolerance),
    ),
    first_target_at: targets[0] ?? null,
    last_target_at: targets.at(-1) ?? null,
  };
}

/** All pages of the list, as somebody without an account reads them. */
async function readForecastHistory(api: TestApi, input: ForecastHistoryRequest): Promise<PastForecast[]> {
  const { items, next_cursor } = await api.caller().predictions.forecast_history(input);
  if (next_cursor === null) return items;
  return [...items, ...(await readForecastHistory(api, { ...input, cursor: next_cursor }))];
}

type ForecastHistoryRequest = NonNullable<
  Parameters<ReturnType<TestApi["caller"]>["predictions"]["forecast_history"]>[0]
>;

describe("with a witness of the log", () => {
  /** Forecasts with outcomes, committed and cosigned so many days after they were made, by the clock of the witness. */
  async function createWitnessed(daysLate: number) {
    const witness = createTestWitness(
      () => api.deps.db,
      () => new Date(api.clock().getTime() + daysLate * 86_400_000),
    );
    const api = await createTestApi({ withForecasts: true, logWitnesses: [witness] });
    await writeWholeLog(api);
    await collectCosignatures(api.deps, new AbortController().signal);
    await importLater(api, 8);
    await recordActuals(api.deps);
    return { api, witness };
  }
  const isNew = { kind: "yield", protocol: "ekubo", granularity: "market" } as const;

  describe("that sees it at once", () => {
    let witnessed: Awaited<ReturnType<typeof createWitnessed>>;

    beforeAll(async () => {
      witnessed = await createWitnessed(0);
    });
    afterAll(() => witnessed.api[Symbol.asyncDispose]());

    it("counts what the witness knew in time, and says who it is", async () => {
      const { api, witness } = witnessed;
      const record = await api.caller().predictions.track_record(isNew);
      expect(record).toMatchObject({ attestation: "witnessed", witnesses: [witness.key] });
      expect(record.items[0]).toMatchObject({ n_unwitnessed: 0, mae: expect.any(Number) });
      const self = { ...api.deps, logWitnesses: [] };
      const everything = await getTrackRecord(self, trackRecordInput.parse(isNew));
      // The service's own words have all digits.
      expect(figureRounder(trackRecord)?.(structuredClone(everything))).toEqual({
        ...record,
        attestation: "self_attested",
        witnesses: [],
      });
      const list = await readForecastHistory(api, isNew);
      expect(list.map(({ status }) => status)).toEqual(list.map(() => "scored"));
      expect(list[0]?.witnessed_at).toBe("2026-01-15T12:00:00.000Z");
    });

    it("counts no forecast that was put in with another day, and none before the log has it", async () => {
      const { api } = witnessed;
      const { deps } = api;
      const [late] = await readForecastHistory(api, isNew);
      await withoutRules(deps.db, async (trx) => {
        // A run that the log does not have, of a day that is over.
        await sql`update predictions set import_id = (select id from market_imports order by sequence desc limit 1)
          where id = ${late?.id}`.execute(trx);
      });
      const list = await readForecastHistory(api, isNew);
      expect(list.filter(({ id }) => id === late?.id)).toMatchObject([
        { status: "unwitnessed", witnessed_at: null },
      ]);
      const fresh = { ...deps, cache: createResponseCache({ log: deps.log, shared: undefined }) };
      const { items } = await getTrackRecord(fresh, trackRecordInput.parse(isNew));
      expect(items).toMatchObject([{ n: list.length - 1, n_unwitnessed: 1 }]);
    });
  });

  it("counts them from when the service is told that it knew them, though nothing else has changed", async () => {
    const witness = createTestWitness(
      () => api.deps.db,
      () => new Date("2026-01-15T12:05:00Z"),
    );
    const api = await createTestApi({ withForecasts: true, logWitnesses: [witness] });
    await using _ = api;
    await writeWholeLog(api);
    await importLater(api, 8);
    await recordActuals(api.deps);
    const read = async () => {
      const { items } = await api.caller().predictions.track_record(isNew);
      const list = await readForecastHistory(api, isNew);
      return [
        items[0]?.n_unwitnessed,
        list.filter(({ status }) => status === "unwitnessed").length,
        list.length,
      ];
    };
    const [, , all] = await read();
    expect(await read()).toEqual([all, all, all]);
    await collectCosignatures(api.deps, new AbortController().signal);
    expect(await read()).toEqual([0, 0, all]);
  });

  it("lists forecasts that it knew late, whatever moment the log claims, and counts none of them", async () => {
    const { api } = await createWitnessed(1);
    await using _ = api;
    const list = await readForecastHistory(api, isNew);
    expect(list[0]).toMatchObject({
      status: "unwitnessed",
      witnessed_at: "2026-01-16T12:00:00.000Z",
      outcome: { value: expect.any(Number) },
    });
    const { items } = await api.caller().predictions.track_record(isNew);
    expect(items).toMatchObject([
      { n: 0, n_pending: 0, n_unobserved: 0, n_unwitnessed: list.length, mae: null },
    ]);
  });
});

describe("the list of past forecasts", () => {
  let api: TestApi;

  /** Forecasts of some days: with outcomes but for those of one protocol, made in hindsight by another model, and open ones. */
  beforeAll(async () => {
    ({ api } = await createForecasts(8));
    await sql`delete from market_history where market_id like 'simulated:vesu:%' and observed_at > ${asOf}`.execute(
      api.deps.db,
    );
    await recordActuals(api.deps);
    api.clock.advance(30 * 86_400_000);
    await retrainModels(api.deps, retraining);
    await rollBackModel(api.deps, {
      kind: "yield",
      horizonDays: 7,
      version: undefined,
      forecast: forecastHere,
    });
    // Of a month before, in hindsight.
    await sql`
      insert into predictions (id, kind, source, protocol, market_id, model_version, as_of, target_at, stale, value, lower, upper,
        interval_level, confidence, confidence_tolerance, current_value, baseline_value, served_by, details, created_at, on_record)
      select gen_random_uuid(), kind, source, protocol, market_id, model_version, as_of - interval '20 days',
        target_at - interval '20 days', false, value, lower, upper, interval_level, confidence, confidence_tolerance,
        current_value, baseline_value, served_by, details, created_at, true
      from predictions where on_record and protocol = 'nostra'`.execute(api.deps.db);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it("gives every aggregate of the track record, as a hand computes it, to whoever reads all of its pages", async () => {
    const ada = await api.signUp();
    const statuses = new Set<string>();
    for (const granularity of ["protocol", "market"] as const) {
      const forecasts = await readForecastHistory(api, { granularity, limit: 7 });
      const { items, data_source } = await ada.predictions.track_record({ granularity });
      expect(data_source).toMatchObject({ name: "simulated", simulated: true });
      const partOf = ({
        kind,
        protocol,
        horizon_days,
      }: Pick<PastForecast, "kind" | "protocol" | "horizon_days">) => `${kind} ${protocol} ${horizon_days}`;
      expect(new Set(items.map(partOf))).toEqual(new Set(forecasts.map(partOf)));
      for (const { by_served_by, ...item } of items) {
        const ofItem = forecasts.filter((forecast) => partOf(forecast) === partOf(item));
        expect(item).toEqual({
          kind: item.kind,
          protocol: item.protocol,
          horizon_days: item.horizon_days,
          ...recompute(ofItem),
        });
        expect(new Set(by_served_by.map(({ served_by }) => served_by))).toEqual(
          new Set(ofItem.map(({ served_by }) => served_by)),
        );
        for (const { served_by, ...part } of by_served_by) {
          expect(part).toEqual(recompute(ofItem.filter((forecast) => forecast.served_by === served_by)));
        }
      }
      for (const { status } of forecasts) statuses.add(status);
    }
    expect(statuses).toEqual(new Set(["scored", "pending", "unobserved"]));
  });

  it("gives each figure of a month or of a model to whoever reads the forecasts that are behind it", async () => {
    for (const granularity of ["protocol", "market"] as const) {
      const all = await readForecastHistory(api, { granularity });
      for (const by of ["model", "month"] as const) {
        const { items } = await api.caller().predictions.track_record_parts({ granularity, by });
        expect(new Set(items.map(({ line }) => line)).size).toBeGreaterThan(1);
        let counted = 0;
        for (const { kind, line, horizon_days, ...figures } of items) {
          const filter = by === "model" ? { model_version: line } : { month: line };
          const behind = await readForecastHistory(api, { granularity, kind, ...filter, limit: 7 });
          expect(figures).toEqual(recompute(behind.filter((item) => item.horizon_days === horizon_days)));
          counted += behind.length;
        }
        expect(counted).toBe(all.length);
      }
    }
    const of = (month: string) => readForecastHistory(api, { month });
    expect((await of("2025-12")).every(({ as_of }) => as_of.startsWith("2025-12"))).toBe(true);
    expect(await of("2026-03")).toEqual([]);
  });

  it("has every forecast on record once, as it was made, with its outcome", async () => {
    const listed = [
      ...(await readForecastHistory(api, { granularity: "protocol" })),
      ...(await readForecastHistory(api, { granularity: "market" })),
    ];
    const stored = new Map((await predictions(api)).map((row) => [row.id, row]));
    expect(new Set(listed.map(({ id }) => id))).toEqual(
      new Set([...stored.values()].filter(({ on_record }) => on_record).map(({ id }) => id)),
    );
    expect(listed.length).toBeLessThan(stored.size);
    for (const {
      symbol,
      horizon_days,
      status,
      outcome,
      created_at,
      as_of,
      target_at,
      witnessed_at,
      receipt,
      ...figures
    } of listed) {
      const row = stored.get(figures.id);
      expect(receipt).toBe(`/api/v1/predictions/forecasts/${figures.id}/receipt`);
      expect(row).toMatchObject(figures);
      expect([created_at, as_of, target_at]).toEqual(
        [row?.created_at, row?.as_of, row?.target_at].map((moment) => moment?.toISOString()),
      );
      expect(outcome).toEqual(
        status === "scored" ? { value: row?.actual_value, recorded_at: row?.actual_at?.toISOString() } : null,
      );
      expect([symbol === null, horizon_days, witnessed_at]).toEqual([figures.market_id === null, 7, null]);
    }
  });

  it("is in order of time either way, and of what was asked for only", async () => {
    const newest = await readForecastHistory(api, { granularity: "market", limit: 4 });
    expect(newest.map(({ created_at }) => created_at)).toEqual(
      newest
        .map(({ created_at }) => created_at)
        .toSorted()
        .toReversed(),
    );
    const oldest = await readForecastHistory(api, { granularity: "market", sort: "oldest" });
    expect(oldest).toEqual(newest.toReversed());
    const ofVesu = { granularity: "market", kind: "yield", protocol: "vesu" } as const;
    expect(await readForecastHistory(api, { ...ofVesu, limit: 2 })).toEqual(
      newest.filter(({ kind, protocol }) => kind === "yield" && protocol === "vesu"),
    );
    await expect(readForecastHistory(api, { protocol: "nowhere" })).rejects.toMatchObject({
      cause: { code: "PROTOCOL_UNKNOWN" },
    });
  });

  it("is summed up by pages as it is at once, and of protocols that there are", async () => {
    const ada = await api.signUp();
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
  });
});
