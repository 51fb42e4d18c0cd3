import type { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { dataFromRows, friedmanData } from "../../test/sample-data.ts";
import { fitGradientBoosting, fitRandomForest, serializeModel } from "../index.ts";
import { fitGradientBoostingInWorker, fitRandomForestInWorker } from "./fit-in-worker.ts";

const data = friedmanData(300, 1);
/** Would take minutes; every test that starts it stops it. */
const long = { seed: 1, treeCount: 20_000 };

/** Node announces every thread of this process. */
const workers: Worker[] = [];
const remember = (worker: Worker) => workers.push(worker);
beforeAll(() => process.on("worker", remember));
afterAll(() => process.off("worker", remember));

afterEach(() => {
  // An ended thread has no number any more.
  for (const worker of workers.splice(0)) expect(worker.threadId).toBe(-1);
});

test("gives the same bytes as fitting in this thread, options and weights included", async () => {
  const weighted = { ...data, weights: data.target.map((_, row) => 1 + (row % 4) / 3) };
  const boosting = {
    seed: 1,
    loss: { kind: "absolute" } as const,
    monotone: [0, 0, 0, 1, 1] as const,
    earlyStopping: { validation: friedmanData(100, 2), patience: 5 },
  };
  const [forest, boosted] = await Promise.all([
    fitRandomForestInWorker(weighted, { seed: 1, treeCount: 20 }),
    fitGradientBoostingInWorker(weighted, boosting),
  ]);
  expect(forest).toEqual(fitRandomForest(weighted, { seed: 1, treeCount: 20 }));
  expect(serializeModel(boosted)).toEqual(serializeModel(fitGradientBoosting(weighted, boosting)));
});

test("shares arrays on a SharedArrayBuffer, and leaves others usable", async () => {
  const values = new Float64Array(new SharedArrayBuffer(data.features.values.byteLength));
  values.set(data.features.values);
  const shared = { features: { ...data.features, values }, target: data.target };
  const model = await fitRandomForestInWorker(shared, { seed: 1, treeCount: 3 });
  expect(model).toEqual(fitRandomForest(data, { seed: 1, treeCount: 3 }));
  expect(data.target.length).toBe(300);
});

test("reports progress, at most a hundred times", async () => {
  const few: string[] = [];
  await fitRandomForestInWorker(data, {
    seed: 1,
    treeCount: 3,
    onProgress: (done, count) => few.push(`${done}/${count}`),
  });
  expect(few).toEqual(["1/3", "2/3", "3/3"]);
  const many = vi.fn();
  await fitGradientBoostingInWorker(data, { seed: 1, treeCount: 1000, maxDepth: 1, onProgress: many });
  expect(many).toHaveBeenCalledTimes(100);
  expect(many).toHaveBeenLastCalledWith(1000, 1000);
});

describe("an abort ends the fit and its thread", () => {
  const aborted = expect.objectContaining({ name: "ForestError", code: "ABORTED" });

  test("before it starts", async () => {
    const signal = AbortSignal.abort("changed my mind");
    await expect(fitRandomForestInWorker(data, { ...long, signal })).rejects.toMatchObject({
      code: "ABORTED",
      cause: "changed my mind",
    });
  });

  test("while it runs", async () => {
    const controller = new AbortController();
    const fit = fitRandomForestInWorker(friedmanData(1000, 1), {
      ...long,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(fit).rejects.toEqual(aborted);
  });

  test("in the middle of a tree", async () => {
    const controller = new AbortController();
    const fit = fitGradientBoostingInWorker(data, { ...long, signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(fit).rejects.toEqual(aborted);
  });
});

test("an abort after the end changes nothing", async () => {
  const controller = new AbortController();
  const model = await fitRandomForestInWorker(data, { seed: 1, treeCount: 1, signal: controller.signal });
  controller.abort();
  expect(model.treeCount).toBe(1);
});

test("refusals arrive as the errors that they are", async () => {
  const bad = dataFromRows([[1], [2]], [1, Number.NaN]);
  await expect(fitRandomForestInWorker(bad, { seed: 1 })).rejects.toThrow(
    expect.objectContaining({
      name: "ForestError",
      code: "NOT_FINITE",
      message: expect.stringContaining("row 1"),
    }),
  );
  await expect(fitGradientBoostingInWorker(data, { seed: 0.5 })).rejects.toMatchObject({
    code: "BAD_OPTION",
  });
});

test("what onProgress throws ends the fit, in the worker as in this thread", async () => {
  const failure = new Error("enough");
  const onProgress = () => {
    throw failure;
  };
  await expect(fitRandomForestInWorker(data, { ...long, onProgress })).rejects.toBe(failure);
  expect(() => fitRandomForest(data, { ...long, onProgress })).toThrow(failure);
  expect(() => fitGradientBoosting(data, { ...long, onProgress })).toThrow(failure);
});
