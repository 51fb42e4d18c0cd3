import { expect, it } from "vitest";
import { createTestApi } from "../../testing/index.ts";
import { getForecastRecord, getRiseRecords } from "./alert-records.service.ts";

const dayMs = 86_400_000;

it("counts the forecasts of a rise above a threshold whose outcome is known, and those that came true", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { db, createId } = api.deps;
  const [model] = await db.selectFrom("models").select("version").where("kind", "=", "risk").execute();
  // What the snapshot itself has matured.
  const before = await getForecastRecord(api.deps);
  const row = {
    kind: "risk",
    source: "simulated",
    market_id: null,
    model_version: model?.version ?? "",
    stale: false,
    lower: 50,
    upper: 70,
    interval_level: 0.9,
    confidence: 0.5,
    confidence_tolerance: 5,
    baseline_value: 55,
    served_by: "model",
    details: "{}",
    closed_at: null,
    import_id: null,
    actual_import_id: null,
  } as const;
  const forecasts: readonly [value: number, current: number, actual: number | null, isLate?: boolean][] = [
    [65, 55, 66],
    [65, 55, 71],
    [65, 55, 58],
    // Of these, none says that a risk rises above 60, and has an outcome, and was made before it.
    [65, 55, null],
    [65, 61, 66],
    [59, 55, 66],
    [65, 55, 66, true],
  ];
  for (const [index, [value, current_value, actual_value, isLate = false]] of forecasts.entries()) {
    const as_of = new Date(Date.UTC(2024, 0, 1) + index * dayMs);
    const target_at = new Date(as_of.getTime() + 7 * dayMs);
    const created_at = new Date(target_at.getTime() + (isLate ? dayMs : -6 * dayMs));
    const actual_at = actual_value === null ? null : target_at;
    const outcome = { actual_value, actual_at };
    const times = { as_of, target_at, created_at };
    await db
      .insertInto("predictions")
      .values({
        ...row,
        ...times,
        ...outcome,
        id: createId(),
        protocol: "vesu",
        value,
        current_value,
        on_record: true,
      })
      .execute();
  }
  expect(await getRiseRecords(api.deps, [60, 64, 60, 90])).toEqual(
    new Map([
      [60, { matured: 3, right: 2 }],
      [64, { matured: 4, right: 3 }],
      [90, { matured: 0, right: 0 }],
    ]),
  );
  expect(await getRiseRecords({ ...api.deps, marketSource: "defillama" }, [60])).toEqual(
    new Map([[60, { matured: 0, right: 0 }]]),
  );
  const after = await getForecastRecord(api.deps);
  expect(after.matured - before.matured).toBe(5);
  expect(after.right - before.right).toBe(4);
});
