import { listEndpoints } from "@obsqra/contract";
import { expect, it } from "vitest";
import { callProcedure, createTestApi, errorOf, type TestApi } from "../src/testing/index.ts";

/** What an operator may close. */
const closable = listEndpoints().filter(({ endpoint }) => endpoint.closedAccess !== undefined);

async function createKey(api: TestApi, scopes: ("analytics:read" | "predictions:read")[]): Promise<string> {
  const ada = await api.signUp();
  return (await ada.auth.create_api_key({ name: "Reader", scopes })).key;
}

it("opens what is known of markets, and nothing that belongs to users", () => {
  expect(closable.map(({ path }) => path).sort()).toEqual([
    "analytics.markets",
    "analytics.overview",
    "analytics.risk_history",
    "predictions.models",
    "predictions.risk_forecast",
    "predictions.suggestion_history",
    "predictions.track_record",
    "predictions.track_record_parts",
    "predictions.yield_forecast",
  ]);
  for (const { endpoint } of closable) expect([endpoint.kind, endpoint.access]).toEqual(["query", "public"]);
});

it("gives everybody the same as a user, whatever token comes along", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const key = await createKey(api, ["analytics:read", "predictions:read"]);
  for (const { path } of closable) {
    const asUser = await callProcedure(api, key, path, { limit: 2 });
    expect(await callProcedure(api, undefined, path, { limit: 2 })).toEqual(asUser);
    expect(await callProcedure(api, "forged", path, { limit: 2 })).toEqual(asUser);
  }
  expect(await errorOf(api.caller().analytics.dashboard())).toMatchObject({ code: "UNAUTHENTICATED" });
});

it("asks for a user, or a key with the scope, once the operator has closed it", async () => {
  await using api = await createTestApi({ withForecasts: true, publicRead: false });
  const key = await createKey(api, ["analytics:read"]);
  for (const { path, endpoint } of closable) {
    expect(await errorOf(callProcedure(api, undefined, path))).toMatchObject({ code: "UNAUTHENTICATED" });
    const isInScope = endpoint.closedAccess === "analytics:read";
    const withKey = callProcedure(api, key, path, { limit: 2 });
    if (isInScope) await withKey;
    else expect(await errorOf(withKey)).toMatchObject({ code: "SCOPE_MISSING" });
  }
});
