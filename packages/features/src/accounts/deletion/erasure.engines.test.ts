import { sql } from "kysely";
import { expect, inject, it } from "vitest";
import { codeOf, createTestApi, type TestApi } from "../../testing/index.ts";
import {
  findAnywhere,
  fromDevice,
  personal,
  scheduleAndWait,
  signUpPlanted,
} from "../../testing/planted-user.ts";
import { verifyAuditChain } from "../audit/audit.service.ts";
import { eraseUser } from "./erasure.queries.ts";
import { eraseDueAccounts } from "./erasure.service.ts";

const dayMs = 24 * 60 * 60_000;
const { signal } = new AbortController();

it("leaves nothing personal of an erased account in any table", async () => {
  await using api = await createTestApi();
  await signUpPlanted(api);
  const values = Object.values(personal);
  const before = await findAnywhere(api, values);
  expect(before).toEqual(
    expect.arrayContaining([
      `${personal.email} in users`,
      `${personal.full_name} in users`,
      `${personal.wallet_address} in users`,
      `${personal.wallet_address} in user_wallets`,
      `${personal.ip} in auth_sessions`,
      `${personal.ip} in audit_events`,
      `${personal.user_agent} in audit_events`,
      `${personal.key_name} in api_keys`,
      `${personal.webhook_host} in webhooks`,
      `${personal.webhook_host} in webhook_attempts`,
    ]),
  );
  await scheduleAndWait(api);
  expect(await eraseDueAccounts(api.deps, signal)).toBe(1);
  expect(await findAnywhere(api, values)).toEqual([]);
});

it("leaves a tombstone under the id, with transactions and allocations, and no other row of the user", async () => {
  await using api = await createTestApi();
  const { id } = await signUpPlanted(api);
  await scheduleAndWait(api);
  const now = api.clock();
  await eraseDueAccounts(api.deps, signal);
  const { db } = api.deps;
  expect(await db.selectFrom("users").selectAll().execute()).toMatchObject([
    {
      id,
      email: `erased ${id}`,
      email_verified_at: null,
      full_name: "",
      wallet_address: null,
      preferences: {},
      erase_after: null,
      erased_at: now,
    },
  ]);
  expect(await db.selectFrom("transactions").select(["owner_id", "tx_hash"]).execute()).toHaveLength(2);
  expect(await db.selectFrom("transaction_statuses").select("status").execute()).toHaveLength(2);
  expect(await db.selectFrom("allocation_history").select("owner_id").execute()).toEqual([{ owner_id: id }]);
  for (const table of [
    "user_passwords",
    "auth_sessions",
    "auth_refresh_tokens",
    "auth_one_time_tokens",
    "api_keys",
    "user_wallets",
    "idempotency_keys",
    "alerts",
    "alert_digests",
    "alert_tasks",
    "risk_alerts",
  ] as const) {
    expect(await db.selectFrom(table).selectAll().execute(), table).toEqual([]);
  }
  expect(await db.selectFrom("email_outbox").select("id").where("user_id", "=", id).execute()).toEqual([]);
});

it("keeps the chain of an erased account's audit log, and ends it with the erasure", async () => {
  await using api = await createTestApi();
  const { id } = await signUpPlanted(api);
  await scheduleAndWait(api);
  await eraseDueAccounts(api.deps, signal);
  const events = await api.deps.db
    .selectFrom("audit_events")
    .select(["type", "ip", "user_agent", "details", "salt"])
    .where("user_id", "=", id)
    .orderBy("position")
    .execute();
  expect(events.at(-1)?.type).toBe("account_erased");
  expect(
    new Set(
      events.map(({ ip, user_agent, details, salt }) => JSON.stringify([ip, user_agent, details, salt])),
    ),
  ).toEqual(new Set(["[null,null,{},null]"]));
  expect(await verifyAuditChain(api.deps, { id, erased_at: api.clock() })).toMatchObject({
    position: events.length,
  });
});

it("erases each account once when several servers erase at the same time", async () => {
  await using api = await createTestApi();
  const { db } = api.deps;
  for (let number = 0; number < 6; number += 1) {
    const caller = await api.signUp();
    await caller.users.schedule_deletion();
  }
  api.clock.advance(14 * dayMs);
  const erased = await Promise.all([1, 2, 3].map(() => eraseDueAccounts(api.deps, signal)));
  expect(erased.reduce((sum, count) => sum + count, 0)).toBe(6);
  const events = db.selectFrom("audit_events").select("user_id").where("type", "=", "account_erased");
  expect(new Set((await events.execute()).map(({ user_id }) => user_id)).size).toBe(6);
  expect(await events.execute()).toHaveLength(6);
});

it.runIf(inject("databaseEngine") === "postgres")(
  "keeps nothing of a failed login that was on its way while the account was erased",
  async () => {
    await using api = await createTestApi();
    await signUpPlanted(api);
    const { db, clock } = api.deps;
    const { email, ip } = personal;
    const { promise: failed, resolve } = Promise.withResolvers<unknown>();
    await db.transaction().execute(async (trx) => {
      const { id } = await trx.selectFrom("users").select("id").forUpdate().executeTakeFirstOrThrow();
      resolve(codeOf(fromDevice(api).auth.login({ email, password: "a wrong password" })));
      while (!(await isAnyoneWaiting(trx))) {}
      await eraseUser(trx, { id, now: clock() });
      await sql`update audit_events set ip = null, user_agent = null, details = '{}', salt = null`.execute(
        trx,
      );
    });
    expect(await failed).toBe("CREDENTIALS_INVALID");
    expect(await findAnywhere(api, [ip])).not.toContain(`${ip} in audit_events`);
  },
);

async function isAnyoneWaiting(trx: TestApi["deps"]["db"]): Promise<boolean> {
  const { rows } = await sql`select from pg_locks where not granted`.execute(trx);
  return rows.length > 0;
}
