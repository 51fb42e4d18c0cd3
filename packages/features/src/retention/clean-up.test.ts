import { expect, it } from "vitest";
import { countRows } from "../testing/count-rows.ts";
import { codeOf, createTestApi } from "../testing/index.ts";
import { cleanUp } from "./clean-up.service.ts";

const dayMs = 24 * 60 * 60_000;
const { signal } = new AbortController();
const credentials = { email: "ada@example.org", password: "correct horse battery" };

it("erases due accounts and tells how many", async () => {
  await using api = await createTestApi();
  await (await api.signUp(credentials.email)).users.schedule_deletion();
  expect(await cleanUp(api.deps, signal)).toMatchObject({ accounts_erased: 0 });
  api.clock.advance(14 * dayMs);
  expect(await cleanUp(api.deps, signal)).toMatchObject({ accounts_erased: 1 });
  expect(await cleanUp(api.deps, signal)).toEqual({ accounts_erased: 0, rows_cleared: 0 });
});

it("deletes links that have expired and keeps those that work", async () => {
  await using api = await createTestApi();
  const { id } = await (await api.signUp(credentials.email)).auth.me();
  await api.deps.db.deleteFrom("auth_one_time_tokens").execute();
  const now = api.clock();
  const insert = (hash: number, expires_at: Date) =>
    api.deps.db
      .insertInto("auth_one_time_tokens")
      .values({
        token_hash: new Uint8Array([hash]),
        purpose: "password_reset",
        user_id: id,
        subject: "",
        payload: "{}",
        created_at: now,
        expires_at,
      })
      .execute();
  await insert(1, now);
  await insert(2, new Date(now.getTime() + 1));
  expect(await cleanUp(api.deps, signal)).toEqual({ accounts_erased: 0, rows_cleared: 1 });
  const left = await api.deps.db.selectFrom("auth_one_time_tokens").select("token_hash").execute();
  expect(left.map(({ token_hash }) => [...token_hash])).toEqual([[2]]);
});

it("deletes counts of attempts that would start anew", async () => {
  await using api = await createTestApi();
  const now = api.clock();
  for (const [key, reset_at] of [
    [1, now],
    [2, new Date(now.getTime() + 1)],
  ] as const) {
    await api.deps.db
      .insertInto("auth_throttle")
      .values({ key: new Uint8Array([key]), attempts: 1, next_attempt_at: now, reset_at })
      .execute();
  }
  await cleanUp(api.deps, signal);
  const left = await api.deps.db.selectFrom("auth_throttle").select("key").execute();
  expect(left.map(({ key }) => [...key])).toEqual([[2]]);
});

it("deletes counts of calls whose window is over", async () => {
  await using api = await createTestApi();
  const now = api.clock().getTime();
  await api.deps.db
    .insertInto("rate_limits")
    .values([
      { key: "over", points: 1, expire: String(now) },
      { key: "running", points: 1, expire: String(now + 1) },
    ])
    .execute();
  await cleanUp(api.deps, signal);
  const left = await api.deps.db.selectFrom("rate_limits").select("key").execute();
  expect(left).toEqual([{ key: "running" }]);
});

it("deletes replies that are kept for repeated requests after 24 hours", async () => {
  await using api = await createTestApi();
  for (const [owner, hour] of [
    ["a", 0],
    ["a", 1],
    ["b", 1],
  ] as const) {
    const now = api.clock();
    await api.deps.db
      .insertInto("idempotency_keys")
      .values({
        owner_id: owner,
        key_hash: new Uint8Array(32).fill(hour),
        sealed: null,
        created_at: now,
        expires_at: new Date(now.getTime() + hour * 3_600_000),
      })
      .execute();
  }
  await cleanUp(api.deps, signal);
  const left = await api.deps.db
    .selectFrom("idempotency_keys")
    .select("owner_id")
    .orderBy("owner_id")
    .execute();
  expect(left).toEqual([{ owner_id: "a" }, { owner_id: "b" }]);
});

it("keeps a used refresh token as long as its session can live, so that a replay still ends the session", async () => {
  await using api = await createTestApi();
  await api.signUp(credentials.email);
  const first = await api.caller().auth.login(credentials);
  let newest = await api.caller().auth.refresh(first);
  for (let day = 10; day < 60; day += 10) {
    api.clock.advance(10 * dayMs);
    newest = await api.caller().auth.refresh(newest);
    await cleanUp(api.deps, signal);
  }
  expect(await codeOf(api.caller().auth.refresh(first))).toBe("REFRESH_TOKEN_INVALID");
  expect(await codeOf(api.caller().auth.refresh(newest))).toBe("REFRESH_TOKEN_INVALID");
  expect(await codeOf(api.caller(newest.access_token).users.profile())).toBe("TOKEN_INVALID");
});

it("deletes refresh tokens that nobody used in time, and used ones after 60 days", async () => {
  await using api = await createTestApi();
  await api.signUp(credentials.email);
  const tokens = await api.caller().auth.login(credentials);
  await api.caller().auth.refresh(tokens);
  expect(await countRows(api, "auth_refresh_tokens")).toBe(3);
  api.clock.advance(14 * dayMs);
  await cleanUp(api.deps, signal);
  expect(await countRows(api, "auth_refresh_tokens")).toBe(1);
  api.clock.advance(46 * dayMs - 1);
  await cleanUp(api.deps, signal);
  expect(await countRows(api, "auth_refresh_tokens")).toBe(1);
  api.clock.advance(1);
  await cleanUp(api.deps, signal);
  expect(await countRows(api, "auth_refresh_tokens")).toBe(0);
});

it("keeps a session for 90 days after it has ended or run out", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(credentials.email);
  await api.caller().auth.login(credentials);
  await ada.auth.logout();
  api.clock.advance(90 * dayMs - 1);
  await cleanUp(api.deps, signal);
  expect(await countRows(api, "auth_sessions")).toBe(2);
  api.clock.advance(1);
  await cleanUp(api.deps, signal);
  expect(await countRows(api, "auth_sessions")).toBe(1);
  api.clock.advance(60 * dayMs - 1);
  await cleanUp(api.deps, signal);
  expect(await countRows(api, "auth_sessions")).toBe(1);
  api.clock.advance(1);
  await cleanUp(api.deps, signal);
  expect(await countRows(api, "auth_sessions")).toBe(0);
  expect(await countRows(api, "users")).toBe(1);
});

it("deletes cache entries that have expired", async () => {
  await using api = await createTestApi();
  const now = api.clock();
  const insert = (key: string, expires_at: Date) =>
    api.deps.db
      .insertInto("analytics_cache")
      .values({ key, value: "{}", created_at: now, expires_at })
      .execute();
  await insert("expired", now);
  await insert("kept", new Date(now.getTime() + 1));
  await cleanUp(api.deps, signal);
  expect(await api.deps.db.selectFrom("analytics_cache").select("key").execute()).toEqual([{ key: "kept" }]);
});
