import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  errorOf,
  forecastHere,
  importLater,
  promoteAlways,
  type TestApi,
  trainOnce,
} from "../../testing/index.ts";
import { changeOfYield, createModelSuccession } from "../../testing/model-succession.ts";
import { ModelCommandError, planModelChange, promoteModel, rollBackModel } from "./model-commands.service.ts";
import type { DecidePromotion } from "./model-work.ts";
import { retrainModels } from "./retrain-models.service.ts";

const rejectAlways: DecidePromotion = (...contest) => ({
  ...promoteAlways(...contest),
  promoted: false,
  reason: "not_better_than_baseline",
});

type ModelSuccession = Awaited<ReturnType<typeof createModelSuccession>>;

describe("a rollback", () => {
  let succession: ModelSuccession;
  let risk: Awaited<ReturnType<ModelSuccession["ada"]["predictions"]["risk_forecast"]>>;
  let change: Awaited<ReturnType<typeof rollBackModel>>;

  beforeAll(async () => {
    succession = await createModelSuccession();
    risk = await succession.ada.predictions.risk_forecast();
    change = await rollBackModel(succession.api.deps, changeOfYield);
  });
  afterAll(() => succession[Symbol.asyncDispose]());

  it("goes back to the champion before, which is live at once with forecasts from the newest history", async () => {
    const { ada, first, second } = succession;
    expect(change).toEqual({
      from: second,
      to: first,
      forecasts: 13 + 4,
    });
    const forecast = await ada.predictions.yield_forecast();
    expect(forecast.model.version).toBe(first);
    expect(forecast.items[0]?.as_of).toBe("2026-01-21T00:00:00.000Z");
    expect(await ada.predictions.risk_forecast()).toEqual(risk);
    const { items } = await ada.predictions.models({ kind: "yield" });
    expect(
      items.map(({ model, outcome, reason, live_from, live_until }) => [
        model.version,
        outcome,
        reason,
        live_from,
        live_until,
      ]),
    ).toEqual([
      [first, "rolled_back", "by_operator", "2026-01-23T12:00:00.000Z", null],
      [
        second,
        "promoted",
        "beats_champion_and_baseline",
        "2026-01-22T12:00:00.000Z",
        "2026-01-23T12:00:00.000Z",
      ],
      [first, "promoted", "first_model", "2026-01-15T12:00:00.000Z", "2026-01-22T12:00:00.000Z"],
    ]);
  });

  it("says which model was live at a moment", async () => {
    const { ada, first, second } = succession;
    const liveAt = async (live_at: string) => {
      const { items } = await ada.predictions.models({ kind: "yield", live_at });
      return items.map(({ model }) => model.version);
    };
    expect(await liveAt("2026-01-15T11:59:59Z")).toEqual([]);
    expect(await liveAt("2026-01-15T12:00:00Z")).toEqual([first]);
    expect(await liveAt("2026-01-22T11:59:59.999Z")).toEqual([first]);
    expect(await liveAt("2026-01-22T12:00:00Z")).toEqual([second]);
    expect(await liveAt("2026-01-23T12:00:00Z")).toEqual([first]);
    expect(await liveAt("2030-01-01T00:00:00Z")).toEqual([first]);
    expect(await errorOf(ada.predictions.models({ live_at: "yesterday" }))).toMatchObject({
      code: "VALIDATION_FAILED",
      details: { issues: [{ path: "live_at", message: expect.stringContaining("2026-11-01T00:00:00Z") }] },
    });
    const both = await ada.predictions.models({ live_at: "2026-01-22T12:00:00Z" });
    expect(both.items.map(({ kind }) => kind)).toEqual(["yield", "risk"]);
  });

  it("goes back no further than to the first champion, and forward again on demand", async () => {
    const { api, ada, first, second } = succession;
    await expect(rollBackModel(api.deps, changeOfYield)).rejects.toThrow(`no yield model before ${first}`);
    await promoteModel(api.deps, { ...changeOfYield, version: second });
    expect((await ada.predictions.yield_forecast()).model.version).toBe(second);
  });
});

describe("where one champion followed another", () => {
  let succession: ModelSuccession;

  beforeAll(async () => {
    succession = await createModelSuccession();
  });
  afterAll(() => succession[Symbol.asyncDispose]());

  it("tells which model a change would make live, and changes nothing", async () => {
    const { api, ada, first, second } = succession;
    const before = await ada.predictions.models();
    const wanted = { kind: "yield", horizonDays: 7, version: undefined } as const;
    const back = await planModelChange(api.deps, { ...wanted, name: "rollback" });
    expect(back).toEqual({ from: second, to: first });
    const promotion = { ...wanted, name: "promote", version: first } as const;
    expect(await planModelChange(api.deps, promotion)).toEqual(back);
    const live = planModelChange(api.deps, { ...promotion, version: second });
    await expect(live).rejects.toThrow("is live already");
    expect(await ada.predictions.models()).toEqual(before);
  });

  it("changes nothing for a model that does not exist, is live already, or forecasts another horizon", async () => {
    const { api, ada, first, second } = succession;
    const before = await ada.predictions.models();
    for (const [wanted, message] of [
      [{ version: "yield-000000000000" }, "There is no yield model yield-000000000000 of simulated"],
      [{ version: second }, "is live already"],
      [{ version: first, kind: "risk" }, `There is no risk model ${first}`],
      [{ version: first, horizonDays: 14 }, "PREDICTION_WINDOW_DAYS is 14"],
    ] as const) {
      const promotion = promoteModel(api.deps, { ...changeOfYield, ...wanted });
      await expect(promotion).rejects.toThrow(ModelCommandError);
      await expect(promotion).rejects.toThrow(message);
    }
    expect(await ada.predictions.models()).toEqual(before);
  });

  it("gives by pages what it gives at once, and refuses the cursors of other lists", async () => {
    const { ada } = succession;
    const all = await ada.predictions.models();
    expect(all.items).toHaveLength(4);
    expect(await readPages(ada)).toEqual(all.items);
    const { next_cursor } = await ada.predictions.risk_forecast({ limit: 1 });
    const foreign = ada.predictions.models({ cursor: next_cursor ?? "" });
    await expect(foreign).rejects.toMatchObject({ cause: { code: "CURSOR_INVALID" } });
  });

  it("describes a model by what it was trained with", async () => {
    const { ada } = succession;
    const { items } = await ada.predictions.models({ kind: "risk" });
    const { model } = await ada.predictions.risk_forecast();
    expect(items[0]).toMatchObject({
      kind: "risk",
      horizon_days: 7,
      model,
      parameters: { horizon_days: 7, backtest_days: 30, seed: 1 },
    });
  });
});

it("lets the next training challenge the model that was rolled back to", async () => {
  await using succession = await createModelSuccession();
  const { api, first } = succession;
  await rollBackModel(api.deps, changeOfYield);
  await importLater(api, 6);
  const champions: (string | undefined)[] = [];
  const decide: DecidePromotion = (challenger, champion, panel) => {
    champions.push(champion?.version);
    return rejectAlways(challenger, champion, panel);
  };
  await retrainModels(api.deps, { horizonDays: 7, train: trainOnce, decide, forecast: forecastHere });
  expect(champions[1]).toBe(first);
});

it("promotes a challenger that was rejected", async () => {
  await using succession = await createModelSuccession(rejectAlways);
  const { api, ada, first, second } = succession;
  await expect(rollBackModel(api.deps, { ...changeOfYield, version: second })).rejects.toThrow(
    "has never been live",
  );
  expect(await promoteModel(api.deps, { ...changeOfYield, version: second })).toMatchObject({
    from: first,
    to: second,
  });
  expect((await ada.predictions.yield_forecast()).model.version).toBe(second);
});

async function readPages(caller: Awaited<ReturnType<TestApi["signUp"]>>) {
  const items: Awaited<ReturnType<typeof caller.predictions.models>>["items"] = [];
  let cursor: string | undefined;
  do {
    const page = await caller.predictions.models({ limit: 3, cursor });
    items.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}
