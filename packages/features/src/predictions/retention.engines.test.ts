import { applyRetention } from "@obsqra/platform";
import { sql } from "kysely";
import { expect, it } from "vitest";
import {
  clearForecasts,
  createModelHistory,
  listForecasts,
  rejectedVersions,
} from "../testing/model-history.ts";
import { predictionRetention } from "./retention.service.ts";

const dayMs = 86_400_000;

it("clears each row once beside another server that does the same, and stops when it is told to", async () => {
  await using api = await createModelHistory();
  api.clock.advance(90 * dayMs);
  expect(await applyRetention(api.deps, predictionRetention, AbortSignal.abort())).toBe(0);
  const before = (await listForecasts(api)).length;
  const cleared = await Promise.all([clearForecasts(api), clearForecasts(api)]);
  const files = (await rejectedVersions(api)).length;
  expect(cleared[0] + cleared[1]).toBe(before - (await listForecasts(api)).length + files);
});

it("lets go of no file of a model that has been live and of no forecast on record, whoever asks", async () => {
  await using api = await createModelHistory();
  const { db } = api.deps;
  for (const statement of [
    "update models set artefact = null",
    "delete from models",
    "delete from predictions where on_record",
    "update predictions set closed_at = null, value = value + 1",
    "update predictions set actual_value = null, actual_at = null where actual_value is not null",
  ]) {
    await expect(sql.raw(statement).execute(db), statement).rejects.toMatchObject({ code: "23001" });
  }
});
