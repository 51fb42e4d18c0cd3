import { figureRounder, yieldForecast } from "@obsqra/contract";
import {
  areEqual,
  hashLeaf,
  parseCheckpoint,
  parseTlogProof,
  rootOfInclusion,
  utf8ToBytes,
} from "@obsqra/receipts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { codeOf, createTestApi, type TestApi, writeWholeLog } from "../testing/index.ts";

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
});

afterAll(() => api[Symbol.asyncDispose]());

it("proves to everybody that a served forecast is in the log, within 4 KB", async () => {
  const ada = await api.signUp();
  const { items } = await ada.predictions.yield_forecast({ granularity: "market" });
  const [item] = items;
  const forecast_id = item?.id ?? "";
  expect(await codeOf(api.caller().receipts.forecast({ forecast_id }))).toBe("RECEIPT_NOT_FOUND");
  await writeWholeLog(api);
  const receipt = await api.caller().receipts.forecast({ forecast_id });
  // Letters of either case are the same identifier (RFC 9562, 4).
  const inCapitals = { forecast_id: forecast_id.toUpperCase() };
  expect(await api.caller().receipts.forecast(inCapitals)).toEqual(receipt);
  // With room for the proof in a log of a million entries.
  expect(JSON.stringify(receipt).length).toBeLessThanOrEqual(4_096 - 15 * 46);
  expect(receipt).toMatchObject({
    forecast_id,
    log_url: "http://localhost:8000/log",
    stored: null,
    outcome: null,
    attestation: "self_attested",
  });
  const committed = JSON.parse(receipt.entry);
  const { value, current_value, baseline_value, weights } = committed;
  const shown = { apy: value, current_apy: current_value, baseline_apy: baseline_value };
  const { items: served } = yieldForecast.shape;
  // The log has all digits, of which the forecast as it is read has the first.
  const { symbol: _, receipt: path, ...said } = item ?? {};
  expect(path).toBe(`/api/v1/predictions/forecasts/${forecast_id}/receipt`);
  expect(
    figureRounder(served.element)?.({ ...structuredClone(committed), ...shown, forecaster: { weights } }),
  ).toMatchObject(said);
  const past = await api.caller().predictions.forecast_history({ granularity: "market" });
  const listed = past.items.find(({ id }) => id === forecast_id) ?? expect.fail("It is not listed.");
  const { symbol: __, receipt: listedPath, ...fields } = listed;
  expect(listedPath).toBe(path);
  const { created_at, horizon_days, status, outcome, witnessed_at, ...figures } = fields;
  expect(committed).toMatchObject(figures);
  const { index, proof, checkpoint } = parseTlogProof(receipt.tlog_proof);
  const { size, root } = parseCheckpoint(checkpoint);
  const leaf = hashLeaf(utf8ToBytes(receipt.entry));
  expect(areEqual(rootOfInclusion(leaf, { index, size }, proof), root)).toBe(true);
});

it("has no receipt of what is no forecast", async () => {
  const forecast_id = api.deps.createId();
  expect(await codeOf(api.caller().receipts.forecast({ forecast_id }))).toBe("RECEIPT_NOT_FOUND");
});
