import { sql } from "kysely";
import { expect, inject, it } from "vitest";
import { codeOf, countStatements, createTestApi, type TestApi } from "../../testing/index.ts";

const ada = { email: "ada@example.org", password: "correct horse battery", full_name: "Ada Lovelace" };

async function eventsOf({ deps }: TestApi): Promise<string[]> {
  const rows = await deps.db.selectFrom("audit_events").select("type").orderBy("position").execute();
  return rows.map(({ type }) => type);
}

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

it("refreshes in two statements", async () => {
  await using api = await createTestApi();
  const { refresh_token } = await api.caller().auth.register(ada);
  expect(await countStatements(api, (caller) => caller.auth.refresh({ refresh_token }))).toBe(2);
});

it("lets only one of 20 parallel refreshes win, and keeps the session", async () => {
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

it("ends the session when a refresh token is replayed after ten seconds, and writes that down once", async () => {
  await using api = await createTestApi();
  const first = await api.caller().auth.register(ada);
  const second = await api.caller().auth.refresh({ refresh_token: first.refresh_token });
  api.clock.advance(10_001);
  const replays = Array.from({ length: 5 }, () =>
    codeOf(api.caller().auth.refresh({ refresh_token: first.refresh_token })),
  );
  expect(new Set(await Promise.all(replays))).toEqual(new Set(["REFRESH_TOKEN_INVALID"]));
  expect(await codeOf(api.caller().auth.refresh({ refresh_token: second.refresh_token }))).toBe(
    "REFRESH_TOKEN_INVALID",
  );
  expect(await codeOf(api.caller(second.access_token).auth.me())).toBe("TOKEN_INVALID");
  expect(await eventsOf(api)).toEqual(["registered", "refresh_token_replayed"]);
});

it("ends only the session of the replayed token", async () => {
  await using api = await createTestApi();
  const first = await api.caller().auth.register(ada);
  const other = await api.caller().auth.login(ada);
  await api.caller().auth.refresh({ refresh_token: first.refresh_token });
  api.clock.advance(10_001);
  await codeOf(api.caller().auth.refresh({ refresh_token: first.refresh_token }));
  expect(await codeOf(api.caller(other.access_token).auth.me())).toBeUndefined();
});

it("does not lock out a user who tries again within ten seconds because the response was lost", async () => {
  await using api = await createTestApi();
  const { access_token, refresh_token } = await api.caller().auth.register(ada);
  await api.caller().auth.refresh({ refresh_token });
  api.clock.advance(10_000);
  expect(await codeOf(api.caller().auth.refresh({ refresh_token }))).toBe("REFRESH_TOKEN_INVALID");
  expect(await codeOf(api.caller(access_token).auth.me())).toBeUndefined();
  expect(await codeOf(api.caller().auth.login(ada))).toBeUndefined();
  expect(await eventsOf(api)).toEqual(["registered", "logged_in"]);
});

it("refuses a refresh token that nobody used for fourteen days", async () => {
  await using api = await createTestApi();
  const { refresh_token } = await api.caller().auth.register(ada);
  api.clock.advance(14 * 24 * 60 * 60 * 1000);
  expect(await codeOf(api.caller().auth.refresh({ refresh_token }))).toBe("REFRESH_TOKEN_INVALID");
});

it("ends a session after sixty days, however often it is refreshed", async () => {
  await using api = await createTestApi();
  let { refresh_token } = await api.caller().auth.register(ada);
  for (let day = 10; day < 60; day += 10) {
    api.clock.advance(10 * 24 * 60 * 60 * 1000);
    refresh_token = (await api.caller().auth.refresh({ refresh_token })).refresh_token;
  }
  api.clock.advance(10 * 24 * 60 * 60 * 1000);
  expect(await codeOf(api.caller().auth.refresh({ refresh_token }))).toBe("REFRESH_TOKEN_INVALID");
});

it("refuses what was never a refresh token", async () => {
  await using api = await createTestApi();
  const { access_token } = await api.caller().auth.register(ada);
  for (const refresh_token of ["x", "' or true --", access_token.slice(0, 256)]) {
    expect(await codeOf(api.caller().auth.refresh({ refresh_token }))).toBe("REFRESH_TOKEN_INVALID");
  }
});

it("leaves no working session when a refresh and a password change happen at once", async () => {
  const throttleLimits = { perEmailAndIp: 100, perIp: 100, mailsPerEmailAndIp: 100 };
  await using api = await createTestApi({ throttleLimits });
  const { access_token } = await api.caller().auth.register(ada);
  let current = ada.password;
  for (let round = 0; round < 10; round += 1) {
    const other = await api.caller().auth.login({ email: ada.email, password: current });
    const next = `${ada.password} ${round}`;
    const [refreshed, changed] = await Promise.allSettled([
      api.caller().auth.refresh({ refresh_token: other.refresh_token }),
      api.caller(access_token).auth.change_password({ current_password: current, new_password: next }),
    ]);
    expect(changed.status).toBe("fulfilled");
    current = next;
    if (refreshed.status === "rejected") continue;
    expect(await codeOf(api.caller(refreshed.value.access_token).auth.me())).toBe("TOKEN_INVALID");
    expect(await codeOf(api.caller().auth.refresh(refreshed.value))).toBe("REFRESH_TOKEN_INVALID");
  }
});

it("refuses a refresh that began before its session was ended and finishes after", async () => {
  await using api = await createTestApi();
  const { refresh_token } = await api.caller().auth.register(ada);
  const { db } = api.deps;
  const { promise: refreshed, resolve } = Promise.withResolvers<string | undefined>();
  await db.transaction().execute(async (trx) => {
    await trx.updateTable("auth_sessions").set({ revoked_at: api.clock(), revoke_reason: "test" }).execute();
    resolve(codeOf(api.caller().auth.refresh({ refresh_token })));
    // PGlite has one connection, so that the refresh waits for that; on Postgres it waits for the session's row.
    while (inject("databaseEngine") === "postgres" && !(await isAnyoneWaiting())) {}
    async function isAnyoneWaiting(): Promise<boolean> {
      const { rows } = await sql`select from pg_locks where not granted`.execute(trx);
      return rows.length > 0;
    }
  });
  expect(await refreshed).toBe("REFRESH_TOKEN_INVALID");
});
