import type { ForecastInput } from "@obsqra/contract";
import { expect, inject, it } from "vitest";
import {
  codeOf,
  createTestApi,
  forecastHere,
  importLater,
  promoteAlways,
  type TestApi,
  trainOnce,
} from "../../testing/index.ts";
import { retrainModels } from "../models/retrain-models.service.ts";

type Caller = Awaited<ReturnType<TestApi["signUp"]>>;
type Input = Partial<ForecastInput>;
type Page = Awaited<ReturnType<Caller["predictions"]["yield_forecast"]>>;
type Item = Page["items"][number];

/** All pages, with something done after the first. */
async function readPages(caller: Caller, input: Input, meanwhile?: () => Promise<unknown>): Promise<Page[]> {
  const pages: Page[] = [];
  let cursor: string | undefined;
  do {
    const page = await caller.predictions.yield_forecast({ ...input, cursor });
    pages.push(page);
    if (pages.length === 1) await meanwhile?.();
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return pages;
}

function itemsOf(pages: readonly Page[]): Item[] {
  return pages.flatMap(({ items }) => items);
}

it("lists forecasts by protocol, or by value, whatever the size of the pages", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp();
  for (const granularity of ["protocol", "market"] as const) {
    const { items } = await ada.predictions.yield_forecast({ granularity });
    const lowest = items.toSorted((left, right) => left.apy - right.apy);
    for (const limit of [3, 1000]) {
      const read = async (sort: Input["sort"]) => itemsOf(await readPages(ada, { granularity, sort, limit }));
      expect(await read("protocol")).toEqual(items);
      expect((await read("lowest")).map(({ apy }) => apy)).toEqual(lowest.map(({ apy }) => apy));
      expect((await read("highest")).map(({ apy }) => apy)).toEqual(
        lowest.toReversed().map(({ apy }) => apy),
      );
    }
  }
  const { items } = await ada.predictions.risk_forecast({ sort: "highest" });
  expect(items.map(({ risk_score }) => risk_score)).toEqual(
    items.map(({ risk_score }) => risk_score).toSorted((left, right) => right - left),
  );
});

it("goes on with the model and the day of the first page while newer forecasts come in", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp();
  for (const sort of inject("isLong")
    ? (["protocol", "highest", "lowest"] as const)
    : (["highest"] as const)) {
    const input = { granularity: "market", sort, limit: 3 } as const;
    const before = itemsOf(await readPages(ada, input));
    const later = { protocol: 1, highest: 2, lowest: 3 }[sort];
    const pages = await readPages(ada, input, async () => {
      await importLater(api, later);
      await retrainModels(api.deps, {
        horizonDays: 7,
        train: trainOnce,
        decide: promoteAlways,
        forecast: forecastHere,
      });
    });
    expect(itemsOf(pages)).toEqual(before);
    expect(new Set(pages.map(({ model }) => model.version)).size).toBe(1);
    const [newer] = (await ada.predictions.yield_forecast(input)).items;
    expect(newer?.as_of).not.toBe(before[0]?.as_of);
    expect(newer?.model_version).not.toBe(before[0]?.model_version);
  }
});

it("refuses a cursor that names a model of nobody", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp();
  const { next_cursor } = await ada.predictions.yield_forecast({ limit: 1 });
  const parts = JSON.parse(Buffer.from(next_cursor ?? "", "base64url").toString()) as unknown[];
  for (const version of ["yield-000000000000", (await ada.predictions.risk_forecast()).model.version]) {
    const cursor = Buffer.from(JSON.stringify(parts.with(2, version))).toString("base64url");
    expect(await codeOf(ada.predictions.yield_forecast({ cursor }))).toBe("CURSOR_INVALID");
  }
});
