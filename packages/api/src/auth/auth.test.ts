import { hash as bcryptHash } from "@node-rs/bcrypt";
import { expect, it } from "vitest";
import { codeOf, createTestApi } from "../testing/index.ts";

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

it("answers a wrong password and an unknown email alike", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  const wrong = await api.caller().auth.login({ email: ada.email, password: "wrong" }).catch(String);
  const unknown = await api
    .caller()
    .auth.login({ email: "bob@example.org", password: "wrong" })
    .catch(String);
  expect(wrong).toBe(unknown);
});

it("accepts a bcrypt hash of the original backend and replaces it", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  const legacy = await bcryptHash(ada.password, { cost: 4 });
  await api.deps.db.updateTable("user_passwords").set({ hash: legacy }).execute();
  await api.caller().auth.login({ email: ada.email, password: ada.password });
  const { hash } = await api.deps.db.selectFrom("user_passwords").select("hash").executeTakeFirstOrThrow();
  expect(hash).toMatch(/^\$argon2id\$/);
  expect(await codeOf(api.caller().auth.login({ email: ada.email, password: ada.password }))).toBeUndefined();
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

it("exchanges a refresh token once", async () => {
  await using api = await createTestApi();
  const first = await api.caller().auth.register(ada);
  const second = await api.caller().auth.refresh({ refresh_token: first.refresh_token });
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(await api.caller(second.access_token).auth.me()).toMatchObject({ email: ada.email });
  expect(await codeOf(api.caller().auth.refresh({ refresh_token: first.refresh_token }))).toBe(
    "REFRESH_TOKEN_INVALID",
  );
  expect(await codeOf(api.caller().auth.refresh({ refresh_token: second.refresh_token }))).toBeUndefined();
});

it("lets only one of parallel refreshes win, and keeps the session", async () => {
  await using api = await createTestApi();
  const { refresh_token } = await api.caller().auth.register(ada);
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () => api.caller().auth.refresh({ refresh_token })),
  );
  const won = results.filter((result) => result.status === "fulfilled");
  expect(won).toHaveLength(1);
  expect(
    await codeOf(api.caller().auth.refresh({ refresh_token: won[0]?.value.refresh_token ?? "" })),
  ).toBeUndefined();
});

it("ends the session when a refresh token is replayed after ten seconds", async () => {
  await using api = await createTestApi();
  const first = await api.caller().auth.register(ada);
  const second = await api.caller().auth.refresh({ refresh_token: first.refresh_token });
  api.clock.advance(10_001);
  expect(await codeOf(api.caller().auth.refresh({ refresh_token: first.refresh_token }))).toBe(
    "REFRESH_TOKEN_INVALID",
  );
  expect(await codeOf(api.caller().auth.refresh({ refresh_token: second.refresh_token }))).toBe(
    "REFRESH_TOKEN_INVALID",
  );
});

it("refuses a refresh token that nobody used for fourteen days", async () => {
  await using api = await createTestApi();
  const { refresh_token } = await api.caller().auth.register(ada);
  api.clock.advance(14 * 24 * 60 * 60 * 1000);
  expect(await codeOf(api.caller().auth.refresh({ refresh_token }))).toBe("REFRESH_TOKEN_INVALID");
});

it("refuses refresh tokens after logout, and logging out twice is harmless", async () => {
  await using api = await createTestApi();
  const tokens = await api.caller().auth.register(ada);
  const caller = api.caller(tokens.access_token);
  await caller.auth.logout();
  await caller.auth.logout();
  expect(await codeOf(api.caller().auth.refresh({ refresh_token: tokens.refresh_token }))).toBe(
    "REFRESH_TOKEN_INVALID",
  );
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
  api.clock.advance(1_800_000);
  expect(await codeOf(api.caller(access_token).auth.me())).toBe("TOKEN_EXPIRED");
});

it("refuses the token of a user who is gone", async () => {
  await using api = await createTestApi();
  const { access_token } = await api.caller().auth.register(ada);
  await api.deps.db.deleteFrom("users").execute();
  expect(await codeOf(api.caller(access_token).auth.me())).toBe("TOKEN_INVALID");
});
