import { expect, it } from "vitest";
import { createTestApi, importLater, openTestWork, writeWholeLog } from "../../testing/index.ts";
import { renewForecasts } from "./renew-forecasts.service.ts";

it("commits to data by its hash alone where it may not be published, and stores none of it", async () => {
  await using api = await createTestApi({ withForecasts: true, publishSnapshots: false });
  const { db } = api.deps;
  const before = await db.selectFrom("artefacts").select("sha256").execute();
  expect(before.length).toBeGreaterThan(0);
  await importLater(api, 1);
  const { outcome } = await renewForecasts(api.deps, { horizonDays: 7, openWork: openTestWork });
  expect(outcome).toBe("forecast");
  const ada = await api.signUp();
  const { made_from: rests_on } = await ada.predictions.run_optimization();
  expect(rests_on).toMatchObject({
    basis_published: false,
    basis_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(await db.selectFrom("artefacts").select("sha256").execute()).toHaveLength(before.length);
  await writeWholeLog(api);
  const entries = await db
    .selectFrom("log_entries")
    .select("entry")
    .where("type", "=", "forecast")
    .orderBy("leaf_index", "desc")
    .execute();
  const { made_from } = JSON.parse(Buffer.from(entries[0]?.entry ?? []).toString());
  expect(made_from).toEqual({
    model_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    panel_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    snapshot_sha256: null,
    revision: 2,
  });
});
