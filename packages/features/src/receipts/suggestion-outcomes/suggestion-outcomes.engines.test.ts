import { sql } from "kysely";
import { expect, it } from "vitest";
import { createTestApi, importLater, scoreSuggestions } from "../../testing/index.ts";
import { verifyLog } from "../log/verify-log.service.ts";
import { logSuggestionOutcomes } from "./suggestion-outcomes.service.ts";

it("are each in the log once, as everybody sees them, with nothing of whom they were made for", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const { db } = api.deps;
  expect(await logSuggestionOutcomes(api.deps)).toBe(0);
  const ada = await api.signUp();
  const { id } = await ada.predictions.run_optimization({ assets: ["USDC"], amount: "20000" });
  await importLater(api, 8);
  await scoreSuggestions(api.deps, new AbortController().signal);
  const logged = await Promise.all([logSuggestionOutcomes(api.deps), logSuggestionOutcomes(api.deps)]);
  expect(logged.toSorted()).toEqual([0, 1]);
  expect(await logSuggestionOutcomes(api.deps)).toBe(0);

  const { rows } = await sql<{ entry: Uint8Array }>`
    select entry from log_entries where type = 'suggestion_outcome'`.execute(db);
  const entries = rows.map(({ entry }) => JSON.parse(Buffer.from(entry).toString()));
  const { items } = await api.caller().predictions.suggestion_history({});
  expect(items).toHaveLength(1);
  const beside = {
    type: "suggestion_outcome",
    source: "simulated",
    logged_at: expect.any(String),
    recorded_at: expect.any(String),
  };
  expect(entries).toEqual(items.map(({ log_index: _, ...item }) => ({ ...item, ...beside })));
  expect(items.map(({ log_index }) => log_index)).toEqual([1]);
  const month = async (of: string) =>
    (await api.caller().predictions.suggestion_history({ month: of })).items.length;
  expect([await month("2026-01"), await month("2025-12"), await month("2026-02")]).toEqual([1, 0, 0]);
  const { suggestions } = await api.caller().predictions.track_record_parts({ by: "month" });
  expect(suggestions).toMatchObject([{ month: "2026-01", n: 1 }]);
  expect((await api.caller().predictions.track_record_parts({ by: "model" })).suggestions).toEqual([]);
  const text = JSON.stringify(entries);
  for (const personal of [id, (await ada.auth.me()).id, "20000"]) expect(text).not.toContain(personal);
  await verifyLog(api.deps);
});
