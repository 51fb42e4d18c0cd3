import { sql } from "kysely";
import { expect, it } from "vitest";
import { callerWith, codeOf, countStatements, createTestApi, readMails } from "../../testing/index.ts";

const ada = { email: "ada@example.org", password: "correct horse battery", full_name: "Ada Lovelace" };

it("registers a user who can then ask who they are", async () => {
  await using api = await createTestApi();
  const tokens = await api.caller().auth.register(ada);
  expect(tokens).toMatchObject({ token_type: "bearer", expires_in: 1800 });
  expect(await api.caller(tokens.access_token).auth.me()).toMatchObject({
    email: "ada@example.org",
    full_name: "Ada Lovelace",
    wallet_address: null,
    is_verified: false,
  });
});

it("takes differently written spellings of one mailbox for the same account", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  expect(await codeOf(api.caller().auth.register({ ...ada, email: "  ADA@Example.ORG " }))).toBe(
    "EMAIL_TAKEN",
  );
  expect(
    await codeOf(api.caller().auth.login({ email: "Ada@EXAMPLE.org", password: ada.password })),
  ).toBeUndefined();
});

it("lets only one of parallel registrations of an email win", async () => {
  await using api = await createTestApi();
  const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(api.caller().auth.register(ada))));
  expect(codes.sort()).toEqual([...Array.from({ length: 4 }, () => "EMAIL_TAKEN"), undefined]);
});

it("takes no other duplicate for a taken email: an id that is there already is our fault, and logged", async () => {
  await using api = await createTestApi();
  const { access_token } = await api.caller().auth.register(ada);
  const { id } = await api.caller(access_token).auth.me();
  const rigged = callerWith(api, { createId: () => id });
  expect(await codeOf(rigged.auth.register({ ...ada, email: "eve@example.org" }))).toBe("INTERNAL_ERROR");
  expect(api.logged).toMatchObject([{ facts: { err: { constraint: "users_pkey" } } }]);
});

it("stores neither passwords nor refresh tokens", async () => {
  await using api = await createTestApi();
  const tokens = await api.caller().auth.register(ada);
  const { hash } = await api.deps.db.selectFrom("user_passwords").select("hash").executeTakeFirstOrThrow();
  const { token_hash } = await api.deps.db
    .selectFrom("auth_refresh_tokens")
    .select("token_hash")
    .executeTakeFirstOrThrow();
  expect(hash).not.toContain(ada.password);
  expect(Buffer.from(token_hash).toString("base64url")).not.toBe(tokens.refresh_token);
});

it("tells an expired access token from a missing or a forged one", async () => {
  await using api = await createTestApi();
  const { access_token } = await api.caller().auth.register(ada);
  const [header, payload, signature] = access_token.split(".");
  const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString("base64url")}.${payload}.`;
  expect(await codeOf(api.caller().auth.me())).toBe("UNAUTHENTICATED");
  expect(await codeOf(api.caller("not a token").auth.me())).toBe("TOKEN_INVALID");
  expect(await codeOf(api.caller(`${header}.${payload}.${signature?.slice(1)}A`).auth.me())).toBe(
    "TOKEN_INVALID",
  );
  expect(await codeOf(api.caller(unsigned).auth.me())).toBe("TOKEN_INVALID");
  api.clock.advance(1_830_000);
  expect(await codeOf(api.caller(access_token).auth.me())).toBe("TOKEN_EXPIRED");
});

it("registers in one statement, and one more for the event", async () => {
  await using api = await createTestApi();
  expect(await countStatements(api, (caller) => caller.auth.register(ada))).toBe(2);
});

it("has a link sent to a new address, and writes the registration into its audit log", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  expect(await readMails(api)).toMatchObject([{ template: "email_verification", to: ada.email }]);
  const events = await api.deps.db.selectFrom("audit_events").select(["type", "ip"]).execute();
  expect(events).toEqual([{ type: "registered", ip: "127.0.0.1" }]);
});

it("tells that a user has registered, and nothing else about them", async () => {
  await using api = await createTestApi();
  const { access_token } = await api.caller().auth.register(ada);
  const { id } = await api.caller(access_token).auth.me();
  const events = await api.deps.db
    .selectFrom("events")
    .select(["type", "subject", "owner_id", "payload"])
    .execute();
  expect(events).toEqual([{ type: "user.registered", subject: id, owner_id: id, payload: {} }]);
});

it("leaves nothing behind of a registration that is refused: no mail, no event, no session", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  expect(await codeOf(api.caller().auth.register(ada))).toBe("EMAIL_TAKEN");
  for (const table of [
    "users",
    "auth_sessions",
    "auth_one_time_tokens",
    "email_outbox",
    "audit_events",
    "events",
  ] as const) {
    expect([table, await api.deps.db.selectFrom(table).selectAll().execute()]).toEqual([
      table,
      [expect.anything()],
    ]);
  }
});

const foldingEmails = [
  ["the ligature ﬁ", "ﬁnn@example.org", "finn@example.org"],
  ["full-width letters", "ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "ada@example.org"],
  ["the Kelvin sign", "\u212Aate@example.org", "kate@example.org"],
  ["the long s", "je\u017F\u017Fe@example.org", "jesse@example.org"],
  ["superscripts", "ada²@example.org", "ada2@example.org"],
  ["capitals and spaces around", "\u00A0ADA@Example.ORG\u3000", "ada@example.org"],
] as const;

it("takes an email in letters that fold to others for the address that it folds to", async () => {
  await using api = await createTestApi();
  const { password } = ada;
  for (const [what, written, folded] of foldingEmails) {
    // The same address is there twice.
    await api.deps.db.updateTable("users").set({ email: sql`id` }).execute();
    const tokens = await api.caller().auth.register({ ...ada, email: written });
    expect([what, (await api.caller(tokens.access_token).auth.me()).email]).toEqual([what, folded]);
    expect(await codeOf(api.caller().auth.register({ ...ada, email: folded }))).toBe("EMAIL_TAKEN");
    expect(await codeOf(api.caller().auth.login({ email: folded, password }))).toBeUndefined();
  }
});

const deceptiveEmails = [
  ["the dotless i", "\u0131da@example.org"],
  ["the dotted capital I", "\u0130da@example.org"],
  ["a Cyrillic a", "\u0430da@example.org"],
  ["a sharp s", "stra\u00DFe@example.org"],
  ["a zero-width space", "a\u200Bda@example.org"],
  ["text that runs the other way", "a\u202Eda@example.org"],
  ["a second line", "ada@example.org\r\nBcc: mallory@example.org"],
  ["a second recipient", "ada@example.org,mallory@example.org"],
] as const;

it("refuses emails that only look like others", async () => {
  await using api = await createTestApi();
  const { password } = ada;
  for (const [what, email] of deceptiveEmails) {
    const refused = [what, "VALIDATION_FAILED"];
    expect([what, await codeOf(api.caller().auth.register({ ...ada, email }))]).toEqual(refused);
    expect([what, await codeOf(api.caller().auth.login({ email, password }))]).toEqual(refused);
  }
});

it("refuses names with line breaks and control characters (header and log injection)", async () => {
  await using api = await createTestApi();
  for (const name of [
    "Ada\r\nBcc: mallory@example.org",
    "Ada\n",
    "Ada\u0000",
    "Ada\u001b[31m",
    "Ada\u0085",
  ]) {
    const input = { ...ada, full_name: `${name}Lovelace` };
    expect([name, await codeOf(api.caller().auth.register(input))]).toEqual([name, "VALIDATION_FAILED"]);
  }
});

it("checks every byte of passwords of 72 bytes and more", async () => {
  await using api = await createTestApi();
  const long = "é".repeat(36);
  expect(Buffer.byteLength(long)).toBe(72);
  await api.caller().auth.register({ ...ada, password: `${long}y` });
  expect(await codeOf(api.caller().auth.login({ email: ada.email, password: `${long}y` }))).toBeUndefined();
  for (const wrong of [long, `${long}z`, `${long}yy`]) {
    expect(await codeOf(api.caller().auth.login({ email: ada.email, password: wrong }))).toBe(
      "CREDENTIALS_INVALID",
    );
  }
});

it("refuses a password of 10,000 bytes before it costs anything, for known and unknown emails alike", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  const password = "p".repeat(10_000);
  expect(await codeOf(api.caller().auth.register({ ...ada, email: "bob@example.org", password }))).toBe(
    "VALIDATION_FAILED",
  );
  for (const email of [ada.email, "nobody@example.org"]) {
    const attempt = (caller: ReturnType<typeof api.caller>) =>
      caller.auth.login({ email, password }).catch(() => {});
    expect(await countStatements(api, attempt)).toBe(0);
  }
});

it("ends a session at logout, with all its tokens, and writes that down once", async () => {
  await using api = await createTestApi();
  const tokens = await api.caller().auth.register(ada);
  const caller = api.caller(tokens.access_token);
  const codes = await Promise.all([codeOf(caller.auth.logout()), codeOf(caller.auth.logout())]);
  expect(codes).toContain(undefined);
  expect(codes.every((code) => code === undefined || code === "TOKEN_INVALID")).toBe(true);
  expect(await codeOf(caller.auth.me())).toBe("TOKEN_INVALID");
  expect(await codeOf(api.caller().auth.refresh({ refresh_token: tokens.refresh_token }))).toBe(
    "REFRESH_TOKEN_INVALID",
  );
  const events = await api.deps.db.selectFrom("audit_events").select("type").orderBy("position").execute();
  expect(events).toEqual([{ type: "registered" }, { type: "logged_out" }]);
});
