import { expect, it } from "vitest";
import { plantIlliquidity } from "../../testing/alert-steps.ts";
import { createTestApi, type TestApi } from "../../testing/index.ts";
import { getForecastRecord, getThresholdRecords } from "./alert-records.service.ts";

const dayMs = 86_400_000;

type Planted = readonly [value: number, current: number, actual: number | null, isLate?: boolean];

/** Plants forecasts of a protocol on record; one that is late was made after what it forecasts. */
async function plant(
  { deps }: TestApi,
  kind: "risk" | "yield",
  forecasts: readonly Planted[],
): Promise<void> {
  const { db, createId } = deps;
  const [model] = await db.selectFrom("models").select("version").where("kind", "=", kind).execute();
  const row = {
    kind,
    source: "simulated",
    protocol: "vesu",
    market_id: null,
    model_version: model?.version ?? "",
    stale: false,
    interval_level: 0.9,
    confidence: 0.5,
    confidence_tolerance: 5,
    served_by: "model",
    on_record: true,
    details: "{}",
    closed_at: null,
    import_id: null,
    actual_import_id: null,
  } as const;
  for (const [index, [value, current_value, actual_value, isLate = false]] of forecasts.entries()) {
    const as_of = new Date(Date.UTC(2024, 0, 1) + index * dayMs);
    const target_at = new Date(as_of.getTime() + 7 * dayMs);
    const created_at = new Date(target_at.getTime() + (isLate ? dayMs : -6 * dayMs));
    const actual_at = actual_value === null ? null : target_at;
    const figures = { value, current_value, actual_value, baseline_value: value };
    const interval = { lower: value - 10, upper: value + 5 };
    const times = { as_of, target_at, created_at, actual_at };
    await db
      .insertInto("predictions")
      .values({ ...row, ...figures, ...interval, ...times, id: createId() })
      .execute();
  }
}

it("counts the forecasts of a rise above a threshold whose outcome is known, and those that came true", async () => {
  await using api = await createTestApi({ withForecasts: true });
  // What the snapshot itself has matured.
  const before = await getForecastRecord(api.deps);
  await plant(api, "risk", [
    [65, 55, 66],
    [65, 55, 71],
    [65, 55, 58],
    // Of these, none says that a risk rises above 60, and has an outcome, and was made before it.
    [65, 55, null],
    [65, 61, 66],
    [59, 55, 66],
    [65, 55, 66, true],
  ]);
  expect(await getThresholdRecords(api.deps, "forecast", [60, 64, 60, 90])).toEqual(
    new Map([
      [60, { matured: 3, right: 2 }],
      [64, { matured: 4, right: 3 }],
      [90, { matured: 0, right: 0 }],
    ]),
  );
  expect(await getThresholdRecords({ ...api.deps, marketSource: "defillama" }, "forecast", [60])).toEqual(
    new Map([[60, { matured: 0, right: 0 }]]),
  );
  const after = await getForecastRecord(api.deps);
  expect(after.matured - before.matured).toBe(5);
  expect(after.right - before.right).toBe(3);
});

it("counts the forecasts of a yield below a threshold whose outcome is known, and those that came true", async () => {
  await using api = await createTestApi({ withForecasts: true });
  await plant(api, "yield", [
    [3, 6, 3.9],
    [3, 3, 4.1],
    // Of these, none says that a yield is below 4, and has an outcome, and was made before it.
    [4, 6, 3],
    [3, 6, null],
    [3, 6, 2, true],
  ]);
  expect(await getThresholdRecords(api.deps, "yield", [4, 3.5, 3])).toEqual(
    new Map([
      [4, { matured: 2, right: 1 }],
      [3.5, { matured: 2, right: 0 }],
      [3, { matured: 0, right: 0 }],
    ]),
  );
});

it("counts the forecasts of illiquidity whose days are over and were observed, and those that came true", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { db } = api.deps;
  const { id: market_id, protocol } = await db
    .selectFrom("markets")
    .select(["id", "protocol"])
    .where("kind", "=", "lending")
    .orderBy("id")
    .limit(1)
    .executeTakeFirstOrThrow();
  const at = (day: number) => new Date(Date.UTC(2010, 0, 1) + day * dayMs);
  const observed = { source: "simulated", fetched_at: at(0), import_id: null, paused: false };
  const unknown = { tvl_usd: null, apy: 1, apy_base: null, apy_reward: null, apy_base_borrow: null };
  const observe = (
    day: number,
    facts: { frozen?: boolean; utilization?: number; quality?: string[] } = {},
  ) => ({
    ...{ market_id, ...observed, ...unknown, observed_at: at(day), quality: [] },
    ...{ utilization: 0.5, frozen: false, ...facts },
  });
  // Illiquid on days 20 and 60 only: what day 21 seemed to show is impossible, and of days 80 to 94 five are known.
  const days = Array.from({ length: 80 }, (_, day) => day).filter((day) => ![20, 21, 60].includes(day));
  await db
    .insertInto("market_history")
    .values([
      ...days.map((day) => observe(day)),
      observe(20, { utilization: 0.985 }),
      observe(21, { utilization: 40, quality: ["impossible_utilization"] }),
      observe(60, { frozen: true }),
      ...[80, 81, 82, 83, 84].map((day) => observe(day)),
    ])
    .execute();
  const forecasts: readonly [day: number, probability: number][] = [
    [6, 0.6],
    // The day after is the first that it is about, the fourteenth the last.
    [19, 0.8],
    [5, 0.6],
    // Illiquid on that day, too few days are known, and too improbable.
    [20, 0.9],
    [79, 0.9],
    [50, 0.4],
  ];
  await plantIlliquidity(
    api,
    forecasts.map(([day, probability]) => ({ market_id, protocol, probability, as_of: at(day) })),
  );
  expect(await getThresholdRecords(api.deps, "illiquidity", [50, 70, 30, 95])).toEqual(
    new Map([
      [50, { matured: 3, right: 2 }],
      [70, { matured: 1, right: 1 }],
      [30, { matured: 4, right: 3 }],
      [95, { matured: 0, right: 0 }],
    ]),
  );
});
