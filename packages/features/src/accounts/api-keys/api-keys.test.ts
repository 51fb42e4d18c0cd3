import { apiKeysMax, listEndpoints, scope } from "@obsqra/contract";
import { hashToken } from "@obsqra/platform";
import { expect, it } from "vitest";
import {
  callProcedure,
  codeOf,
  createTestApi,
  errorOf,
  readMails,
  signUpVerified,
  type TestApi,
} from "../../testing/index.ts";
import { keyEvents, report } from "../../testing/key-events.ts";

const dayMs = 86_400_000;
const password = "correct horse battery";

it("makes a key that acts for its owner within its scopes", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const { key } = await ada.auth.create_api_key(report);
  expect(await api.caller(key).users.profile()).toMatchObject({ email: "ada@example.org" });
  expect(await codeOf(api.caller(key).analytics.dashboard({}))).toBeUndefined();
  expect(await errorOf(api.caller(key).transactions.list())).toMatchObject({
    code: "SCOPE_MISSING",
    details: { scope: "transactions:read" },
  });
  expect(await codeOf(api.caller(key).users.update_profile({ full_name: "Eve" }))).toBe("SCOPE_MISSING");
});

it("shows a key once, and keeps its hash only", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { key, ...shown } = await ada.auth.create_api_key(report);
  expect(key).toMatch(/^obsqra_[0-9a-f]{8}_[\w-]{43}$/);
  expect(key.startsWith(`${shown.prefix}_`)).toBe(true);
  expect((await ada.auth.api_keys()).items).toEqual([shown]);
  const row = await api.deps.db.selectFrom("api_keys").selectAll().executeTakeFirstOrThrow();
  expect(Buffer.from(row.key_hash)).toEqual(hashToken(key));
  const secret = key.slice(shown.prefix.length + 1);
  expect(JSON.stringify([row, await keyEvents(api), api.logged])).not.toContain(secret);
});

it("gives each scope once, however often it was asked for", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { scopes } = await ada.auth.create_api_key({
    name: "Twice",
    scopes: ["users:read", "analytics:read", "users:read", "analytics:read"],
  });
  expect(scopes).toEqual(["users:read", "analytics:read"]);
});

it("tells the owner of a new key by mail, at an address that nobody has confirmed three times an hour, and refuses none for it", async () => {
  await using api = await createTestApi();
  const [ada, bob] = [await api.signUp("ada@example.org"), await signUpVerified(api, "bob@example.org")];
  for (let count = 0; count < 5; count++) {
    for (const caller of [ada, bob]) await caller.auth.create_api_key({ ...report, name: "Pay me" });
  }
  const mails = (await readMails(api)).filter(({ template }) => template === "api_key_created");
  const to = (address: string) => mails.filter((mail) => mail.to === address);
  expect([to("ada@example.org").length, to("bob@example.org").length]).toEqual([3, 5]);
  const { items } = await bob.auth.api_keys({ sort: "oldest" });
  expect(to("bob@example.org")[0]).toEqual({
    template: "api_key_created",
    to: "bob@example.org",
    at: api.clock().toISOString(),
    prefix: items[0]?.prefix,
    scopes: report.scopes,
    expires_at: items[0]?.expires_at,
  });
  expect(JSON.stringify(mails)).not.toContain("Pay me");
});

it("tells the owner about a new and about a revoked key", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { id, name, prefix, scopes } = await ada.auth.create_api_key(report);
  await ada.auth.revoke_api_key({ api_key_id: id });
  expect(await keyEvents(api)).toEqual([
    { type: "api_key_created", details: { id, name, prefix, scopes } },
    { type: "api_key_revoked", details: { id, name, prefix } },
  ]);
});

it("lists keys page by page, newest first, with those that no longer work", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const ids: string[] = [];
  for (const name of ["first", "second", "third"]) {
    ids.unshift((await ada.auth.create_api_key({ ...report, name })).id);
  }
  await ada.auth.revoke_api_key({ api_key_id: ids[1] ?? "" });
  const first = await ada.auth.api_keys({ limit: 2 });
  const second = await ada.auth.api_keys({ limit: 2, cursor: first.next_cursor ?? "" });
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
  expect(first.items.map(({ revoked_at }) => revoked_at)).toEqual([null, api.clock().toISOString()]);
  expect(second.next_cursor).toBeNull();
  const cursorOfAnotherList = Buffer.from(JSON.stringify(["sessions", ids[0]])).toString("base64url");
  expect(await codeOf(ada.auth.api_keys({ cursor: cursorOfAnotherList }))).toBe("CURSOR_INVALID");
});

it("counts neither revoked nor expired keys against the limit", async () => {
  await using api = await createTestApi();
  const tokens = await signUp(api);
  const ada = api.caller(tokens.access_token);
  const [first] = await Promise.all(
    Array.from({ length: apiKeysMax }, (_, i) =>
      ada.auth.create_api_key({ ...report, expires_in_days: i === 0 ? 90 : 1 }),
    ),
  );
  expect(await codeOf(ada.auth.create_api_key(report))).toBe("API_KEY_LIMIT_REACHED");
  await ada.auth.revoke_api_key({ api_key_id: first?.id ?? "" });
  expect(await codeOf(ada.auth.create_api_key(report))).toBeUndefined();
  expect(await codeOf(ada.auth.create_api_key(report))).toBe("API_KEY_LIMIT_REACHED");
  api.clock.advance(dayMs);
  const again = await api.caller().auth.login({ email: tokens.email, password });
  expect(await codeOf(api.caller(again.access_token).auth.create_api_key(report))).toBeUndefined();
});

it("refuses a key from the moment on at which it expires", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { key, expires_at } = await ada.auth.create_api_key({ ...report, expires_in_days: 1 });
  expect(expires_at).toBe(new Date(api.clock().getTime() + dayMs).toISOString());
  api.clock.advance(dayMs - 1);
  expect(await codeOf(api.caller(key).users.profile())).toBeUndefined();
  api.clock.advance(1);
  expect(await codeOf(api.caller(key).users.profile())).toBe("API_KEY_INVALID");
});

it("refuses the key of a user who was erased, even if it was left", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { key } = await ada.auth.create_api_key(report);
  await api.deps.db.updateTable("users").set({ erased_at: api.clock() }).execute();
  expect(await codeOf(api.caller(key).users.profile())).toBe("API_KEY_INVALID");
});

it("refuses whatever only looks like a key, at every endpoint that is not public", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { key, prefix } = await ada.auth.create_api_key(report);
  const nonsense = [
    "obsqra_",
    prefix,
    `${prefix}_`,
    `${key} `,
    `${key}x`,
    key.slice(0, -1),
    "obsqra_\0",
    "obsqra_é",
    `obsqra_${"x".repeat(100_000)}`,
  ];
  for (const { path, endpoint } of listEndpoints()) {
    if (endpoint.access === "public") continue;
    for (const token of nonsense) {
      const code = await codeOf(callProcedure(api, token, path));
      expect([path, token, code]).toEqual([path, token, "API_KEY_INVALID"]);
    }
  }
  expect(api.logged).toEqual([]);
});

it("treats another user's key exactly like one that does not exist", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const eve = await api.signUp();
  const { id, key } = await ada.auth.create_api_key(report);
  const foreign = await errorOf(eve.auth.revoke_api_key({ api_key_id: id }));
  const missing = await errorOf(eve.auth.revoke_api_key({ api_key_id: api.deps.createId() }));
  expect(foreign).toMatchObject({ code: "API_KEY_NOT_FOUND", message: missing?.message });
  expect(await codeOf(api.caller(key).users.profile())).toBeUndefined();
});

it("lets no key mint keys or change credentials, whatever its scopes", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const everything = { name: "Everything", scopes: [...scope.options] };
  const { id, key } = await ada.auth.create_api_key(everything);
  const caller = api.caller(key).auth;
  const attempts = [
    caller.create_api_key(everything),
    caller.revoke_api_key({ api_key_id: id }),
    caller.change_password({ current_password: password, new_password: "another horse battery" }),
    caller.reauthenticate({ password }),
    caller.request_email_change({ new_email: "eve@example.org" }),
    caller.logout_everywhere(),
    caller.api_keys(),
  ];
  expect(await Promise.all(attempts.map(codeOf))).toEqual(attempts.map(() => "SESSION_REQUIRED"));
});

it("asks for a recent sign-in before it makes a key", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  api.clock.advance(10 * 60_000);
  expect(await codeOf(ada.auth.create_api_key(report))).toBeUndefined();
  api.clock.advance(1);
  expect(await codeOf(ada.auth.create_api_key(report))).toBe("REAUTHENTICATION_NEEDED");
});

it("notes when a key was last used, to the minute", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { key } = await ada.auth.create_api_key(report);
  const lastUsed = async () => (await ada.auth.api_keys()).items[0]?.last_used_at;
  expect(await lastUsed()).toBeNull();
  await api.caller(key).users.profile();
  const first = api.clock().toISOString();
  api.clock.advance(60_000);
  await api.caller(key).users.profile();
  expect(await lastUsed()).toBe(first);
  api.clock.advance(1);
  await api.caller(key).users.profile();
  expect(await lastUsed()).toBe(api.clock().toISOString());
});

async function signUp(api: TestApi) {
  const email = `${api.deps.createId()}@example.org`;
  return { email, ...(await api.caller().auth.register({ email, password, full_name: "Ada" })) };
}
