import { expect, it } from "vitest";
import { changeOfYield, createModelSuccession } from "../../testing/model-succession.ts";
import { ModelCommandError, rollBackModel } from "./model-commands.service.ts";

it("lets one of two rollbacks at once do it", async () => {
  await using succession = await createModelSuccession();
  const { api, ada, first } = succession;
  const results = await Promise.allSettled([
    rollBackModel(api.deps, changeOfYield),
    rollBackModel(api.deps, changeOfYield),
  ]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(results.find(({ status }) => status === "rejected")).toMatchObject({
    reason: expect.any(ModelCommandError),
  });
  expect((await ada.predictions.yield_forecast()).model.version).toBe(first);
});
