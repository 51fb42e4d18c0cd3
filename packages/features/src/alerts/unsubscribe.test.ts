import { expect, it } from "vitest";
import { setProtocolStatus } from "../market/protocol-statuses.service.ts";
import { signUpHolder, writeAllAlerts } from "../testing/alert-steps.ts";
import { createTestApi, readMails, recordStatements, type TestApi } from "../testing/index.ts";
import { isUnsubscription, unsubscribeFromAlerts } from "./unsubscribe.service.ts";

async function pause(api: TestApi): Promise<void> {
  const evidenceUrl = "https://example.org/post-mortem";
  const decision = { protocol: "nostra", since: undefined, evidenceUrl, reason: undefined };
  await setProtocolStatus(api.deps, { ...decision, status: "active" });
  await setProtocolStatus(api.deps, { ...decision, status: "paused" });
  await writeAllAlerts(api);
}

async function tokensTo(api: TestApi, email: string): Promise<string[]> {
  return (await readMails(api)).flatMap((mail) =>
    mail.to === email && "unsubscription" in mail ? [mail.unsubscription] : [],
  );
}

it("switches the alerts of one user off by the token of a mail, takes back what is not sent yet, and does nothing else", async () => {
  await using api = await createTestApi();
  const ada = await signUpHolder(api, { risk_alert_threshold: 40 });
  const eve = await signUpHolder(api);
  await pause(api);
  const [token = ""] = await tokensTo(api, ada.email);
  expect(isUnsubscription(api.deps, token)).toBe(true);
  expect((await ada.caller.users.profile()).preferences.email_alerts_enabled).toBe(true);
  const before = await ada.caller.users.profile();
  for (const _ of ["once", "again"]) expect(await unsubscribeFromAlerts(api.deps, token)).toBe(true);
  expect(await ada.caller.users.profile()).toEqual({
    ...before,
    preferences: { ...before.preferences, email_alerts_enabled: false },
  });
  await pause(api);
  expect(await tokensTo(api, ada.email)).toEqual([]);
  expect(await tokensTo(api, eve.email)).toHaveLength(2);
  // Mail about security goes on.
  const { email } = ada;
  const now = { email, password: "correct horse battery", user_agent: "another" };
  await api.caller(undefined, { user_agent: now.user_agent, ip: "203.0.113.9" }).auth.login(now);
  await ada.caller.auth.create_api_key({ name: "Report", scopes: ["users:read"] });
  const templates = (await readMails(api)).filter(({ to }) => to === email).map(({ template }) => template);
  expect(templates).toContain("api_key_created");
  expect(templates).not.toContain("alerts");
});

it("reads one row, and locks and writes nothing, where alerts are off already", async () => {
  await using api = await createTestApi();
  const { unsubscription: token } = await signUpHolder(api);
  await unsubscribeFromAlerts(api.deps, token);
  const { db, statements } = recordStatements(api.deps.db);
  for (const _ of ["again", "and again"]) {
    expect(await unsubscribeFromAlerts({ ...api.deps, db }, token)).toBe(true);
  }
  expect(statements).toHaveLength(2);
  for (const statement of statements) expect(statement).toMatch(/^select (?!.*\bfor\b)/);
});

it("takes no token that it has not made for this", async () => {
  await using api = await createTestApi();
  const { caller, email } = await signUpHolder(api);
  await pause(api);
  const [token = ""] = await tokensTo(api, email);
  const { cursor } = await caller.users.start_export();
  const { id } = await caller.auth.me();
  const sealed = (text: string) => Buffer.from(api.deps.sealer.seal(text)).toString("base64url");
  const others = [
    "",
    "nonsense",
    id,
    cursor,
    token.slice(0, -2),
    `${token.startsWith("A") ? "B" : "A"}${token.slice(1)}`,
    sealed(JSON.stringify({ purpose: "something else", owner_id: id })),
    sealed(id),
  ];
  for (const other of others) {
    expect(isUnsubscription(api.deps, other)).toBe(false);
    expect(await unsubscribeFromAlerts(api.deps, other)).toBe(false);
  }
  expect((await caller.users.profile()).preferences.email_alerts_enabled).toBe(true);
});
