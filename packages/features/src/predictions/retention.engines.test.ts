import { applyRetention } from "@obsqra/platform";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { createTestApi, type TestApi } from "../testing/index.ts";
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

it("stores no forecast that cannot be true, and no outcome of a day that is not over", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { db } = api.deps;
  const copied = (await listColumns(db)).filter((column) => column !== "id" && column !== "source");
  const again = (changes: Readonly<Record<string, string | undefined>>) => {
    const values = copied.map((column) => changes[column] ?? column);
    return sql
      .raw(`insert into predictions (id, source, ${copied.join(", ")})
        select gen_random_uuid(), 'again', ${values.join(", ")} from predictions
        where kind = 'risk' and on_record and actual_value is null limit 1`)
      .execute(db);
  };
  await again({});
  for (const changes of [
    { upper: "'Infinity'" },
    { lower: "'-Infinity'" },
    { baseline_value: "'NaN'" },
    { current_value: "'Infinity'" },
    { confidence_tolerance: "'Infinity'" },
    { value: "100.5", upper: "101" },
    { upper: "lower - 1" },
    { import_id: "null", actual_value: "'NaN'", actual_at: "target_at" },
    { import_id: "null", actual_value: "200", actual_at: "target_at" },
    { closed_at: "target_at" },
  ]) {
    await expect(again(changes), JSON.stringify(changes)).rejects.toMatchObject({ code: "23514" });
  }
  // Whatever time it is said to be known at, no import has seen its day.
  const early = "update predictions set actual_value = 50, actual_at = target_at + interval '9 days'";
  for (const record of [
    () => again({ actual_value: "50", actual_at: "target_at", actual_import_id: "import_id" }),
    () => sql.raw(`${early} where on_record`).execute(db),
    () => sql.raw(`${early}, actual_import_id = import_id where on_record`).execute(db),
  ]) {
    await expect(record()).rejects.toMatchObject({ code: "23001" });
  }
});

async function listColumns(db: TestApi["deps"]["db"]): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select column_name::text as name from information_schema.columns where table_name = 'predictions'`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

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
