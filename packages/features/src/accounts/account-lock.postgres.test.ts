import { sql } from "kysely";
import { expect, it } from "vitest";
import { codeOf, createTestApi, type TestApi } from "../testing/index.ts";
import { endSessionsByOperator } from "./operators/account-commands.service.ts";

type Caller = ReturnType<TestApi["caller"]>;

const key = { name: "Report", scopes: ["users:read" as const], expires_in_days: 1 };

async function revokeSession(_api: TestApi, ada: Caller): Promise<() => Promise<unknown>> {
  const [session] = (await ada.auth.sessions()).items;
  return () => codeOf(ada.auth.revoke_session({ session_id: session?.id ?? "none" }));
}

async function revokeKey(_api: TestApi, ada: Caller): Promise<() => Promise<unknown>> {
  const { id } = await ada.auth.create_api_key(key);
  return () => codeOf(ada.auth.revoke_api_key({ api_key_id: id }));
}

async function endSessions({ deps }: TestApi): Promise<() => Promise<unknown>> {
  return () => endSessionsByOperator(deps, "all");
}

/** Locks the account as an erasure does, waits until something else has got stuck, and deletes what it may hold. */
async function eraseDuring({ deps: { db } }: TestApi, start: () => Promise<unknown>): Promise<unknown> {
  const { promise: done, resolve } = Promise.withResolvers<unknown>();
  await db.transaction().execute(async (trx) => {
    await trx.selectFrom("users").select("id").forUpdate().execute();
    resolve(start());
    while (!(await isAnyoneWaiting())) {}
    await trx.deleteFrom("auth_sessions").execute();
    await trx.deleteFrom("api_keys").execute();
    async function isAnyoneWaiting(): Promise<boolean> {
      // Of this database: other tests use the same server.
      const { rows } = await sql`select from pg_locks join pg_stat_activity using (pid)
        where not granted and datname = current_database()`.execute(trx);
      return rows.length > 0;
    }
  });
  return done;
}

// PGlite has one connection: nothing happens at once there.

it.each([
  ["a session", revokeSession, "SESSION_NOT_FOUND"],
  ["an API key", revokeKey, "API_KEY_NOT_FOUND"],
  ["all sessions, by an operator,", endSessions, { accounts: 0, sessions: 0 }],
])("ends %s and erases the account at once without a deadlock", async (_what, prepare, outcome) => {
  await using api = await createTestApi();
  const start = await prepare(api, await api.signUp("ada@example.org"));
  expect(await eraseDuring(api, start)).toEqual(outcome);
});

it.each([
  ["API key", (ada: Caller) => codeOf(ada.auth.create_api_key(key))],
  [
    "change of address",
    (ada: Caller) => codeOf(ada.auth.request_email_change({ new_email: "new@example.org" })),
  ],
])("makes no %s for a session that was ended meanwhile, since it would outlive it", async (_what, make) => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  expect(await eraseDuring(api, () => make(ada))).toBe("TOKEN_INVALID");
  expect(await api.deps.db.selectFrom("api_keys").select("id").execute()).toEqual([]);
  const links = await api.deps.db.selectFrom("auth_one_time_tokens").select("purpose").execute();
  expect(links).toEqual([{ purpose: "email_verification" }]);
});
