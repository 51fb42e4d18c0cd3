import { expect, it } from "vitest";
import { codeOf, createTestApi, errorOf } from "../../testing/index.ts";

const defaults = {
  risk_tolerance: "medium",
  auto_rebalance_enabled: false,
  rebalance_threshold: 5,
  email_alerts_enabled: true,
  email_digest_enabled: false,
  risk_alert_threshold: 60,
  yield_alert_threshold: 0,
  illiquidity_alert_threshold: 50,
  preferred_protocols: [],
  assets: [],
  stable_only: false,
  single_asset_only: false,
  amount: null,
  max_protocol_share: null,
  max_market_share: null,
  max_chain_share: null,
  must_stay: [],
  horizon_days: null,
};

it("starts an account with the default preferences", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  expect(await ada.users.profile()).toEqual({
    ...(await ada.auth.me()),
    preferences: defaults,
    plan: "free",
    deletion_scheduled_for: null,
  });
});

it("gives preferences that were added after the account was made their default", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  await api.deps.db
    .updateTable("users")
    .set({ preferences: JSON.stringify({ risk_tolerance: "low", of_another_version: 1 }) })
    .execute();
  expect((await ada.users.profile()).preferences).toEqual({ ...defaults, risk_tolerance: "low" });
});

it("gives preferences that another version wrote in a way that is not understood any more their default", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const stored = {
    risk_tolerance: "moderate",
    auto_rebalance_enabled: true,
    rebalance_threshold: 5.123,
    email_alerts_enabled: "no",
    preferred_protocols: { nostra: true },
  };
  await api.deps.db
    .updateTable("users")
    .set({ preferences: JSON.stringify(stored) })
    .execute();
  expect((await ada.users.profile()).preferences).toEqual({ ...defaults, auto_rebalance_enabled: true });
  expect(await ada.users.update_preferences({ rebalance_threshold: 7 })).toEqual({
    ...defaults,
    auto_rebalance_enabled: true,
    rebalance_threshold: 7,
  });
});

it("prefers a protocol once that was given twice, in the order given", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const changed = await ada.users.update_preferences({ preferred_protocols: ["vesu", "ekubo", "vesu"] });
  expect(changed.preferred_protocols).toEqual(["vesu", "ekubo"]);
  expect((await ada.users.profile()).preferences).toEqual(changed);
});

it("changes the given preferences and keeps the others, of other users too", async () => {
  await using api = await createTestApi();
  const [ada, eve] = [await api.signUp("ada@example.org"), await api.signUp("eve@example.org")];
  await ada.users.update_preferences({ risk_tolerance: "high", preferred_protocols: ["nostra", "ekubo"] });
  const changed = await ada.users.update_preferences({ rebalance_threshold: 0.07 });
  expect(changed).toEqual({
    ...defaults,
    risk_tolerance: "high",
    preferred_protocols: ["nostra", "ekubo"],
    rebalance_threshold: 0.07,
  });
  expect((await ada.users.profile()).preferences).toEqual(changed);
  expect((await eve.users.profile()).preferences).toEqual(defaults);
});

it("changes nothing when nothing is given", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  expect(await ada.users.update_preferences({})).toEqual(defaults);
});

it("empties the preferred protocols when an empty list is given", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  await ada.users.update_preferences({ preferred_protocols: ["nostra"] });
  expect(await ada.users.update_preferences({ preferred_protocols: [] })).toEqual(defaults);
});

it("keeps every one of parallel changes to different preferences", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const changes = [
    { risk_tolerance: "low" as const },
    { auto_rebalance_enabled: true },
    { rebalance_threshold: 12.34 },
    { email_alerts_enabled: false },
    { email_digest_enabled: true },
    { risk_alert_threshold: 40 },
    { yield_alert_threshold: 3.5 },
    { illiquidity_alert_threshold: 20 },
    { preferred_protocols: ["vesu"] },
    { assets: ["USDC"] },
    { amount: "250.5" },
  ];
  await Promise.all(changes.map((change) => ada.users.update_preferences(change)));
  expect((await ada.users.profile()).preferences).toEqual(Object.assign({}, defaults, ...changes));
});

it("refuses a protocol that does not exist, says which are known, and changes nothing", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const change = { risk_tolerance: "low" as const, preferred_protocols: ["nostra", "nowhere"] };
  expect(await errorOf(ada.users.update_preferences(change))).toMatchObject({
    code: "PROTOCOL_UNKNOWN",
    details: { protocols: ["nowhere"], known: ["ekubo", "nostra", "vesu", "zklend"] },
  });
  expect((await ada.users.profile()).preferences).toEqual(defaults);
});

it("takes a threshold from 0 to 100 percentage points with two decimals", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  for (const rebalance_threshold of [0, 0.01, 33.33, 99.99, 100]) {
    expect(await ada.users.update_preferences({ rebalance_threshold })).toMatchObject({
      rebalance_threshold,
    });
  }
  for (const rebalance_threshold of [-0.01, 100.01, 0.001, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(await errorOf(ada.users.update_preferences({ rebalance_threshold }))).toMatchObject({
      code: "VALIDATION_FAILED",
      details: { issues: [{ path: "rebalance_threshold" }] },
    });
  }
});

it("changes the name, of nobody else, and writes into the audit log that it was changed, not to what", async () => {
  await using api = await createTestApi();
  const [ada, eve] = [await api.signUp("ada@example.org"), await api.signUp("eve@example.org")];
  const before = await ada.users.profile();
  const changed = await ada.users.update_profile({ full_name: " Augusta Ada King " });
  expect(changed).toEqual({ ...before, full_name: "Augusta Ada King" });
  expect(await ada.users.profile()).toEqual(changed);
  expect((await eve.users.profile()).full_name).toBe("Ada");
  const { items } = await ada.users.audit_log({ type: "profile_changed" });
  expect(items.map(({ details }) => details)).toEqual([{ fields: ["full_name"] }]);
  expect((await eve.users.audit_log({ type: "profile_changed" })).items).toEqual([]);
});

it("changes nothing in a profile when nothing is given, and refuses fields that it does not have", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const before = await ada.users.profile();
  expect(await ada.users.update_profile({})).toEqual(before);
  expect((await ada.users.audit_log({ type: "profile_changed" })).items).toEqual([]);
  for (const change of [
    { email: "eve@example.org" },
    { wallet_address: "0x1" },
    { full_name: "" },
    { full_name: "   " },
    { full_name: "Ada\nLovelace" },
    { full_name: "Ada \ud800" },
    { full_name: "a".repeat(201) },
    { full_name: null },
  ]) {
    expect(await codeOf(ada.users.update_profile(change as object)), JSON.stringify(change)).toBe(
      "VALIDATION_FAILED",
    );
  }
  expect(await ada.users.profile()).toEqual(before);
});
