import { codeOf } from "@obsqra/platform/testing";
import { sql } from "kysely";
import { createCaller } from "../root.ts";
import type { TestApi } from "./create-test-api.ts";
import { createReceiver, deliver } from "./webhook-steps.ts";

const dayMs = 24 * 60 * 60_000;

/** The planted user's. */
export const password = "correct horse battery";

/** What must not be left anywhere. */
export const personal = {
  email: "planted-address@example.org",
  full_name: "Planted Fullname",
  ip: "198.51.100.77",
  user_agent: "PlantedBrowser/7",
  wallet_address: `0x${"0".repeat(53)}91a27edada1`,
  key_name: "Planted key name",
  webhook_host: "planted-receiver.example",
};

/** A caller whose requests come from the planted device. */
export function fromDevice({ deps }: TestApi, accessToken?: string) {
  const { ip, user_agent } = personal;
  return createCaller({
    ...deps,
    request: { id: "test-request", access_token: accessToken, ip, user_agent },
  });
}

/** A user with something personal in every table that has room for it. */
export async function signUpPlanted(api: TestApi) {
  const { email, full_name, wallet_address, key_name, ip, user_agent } = personal;
  const tokens = await fromDevice(api).auth.register({ email, full_name, password });
  const caller = fromDevice(api, tokens.access_token);
  const { id } = await caller.auth.me();
  const { db, clock } = api.deps;
  await db.updateTable("users").set({ wallet_address }).where("id", "=", id).execute();
  await db
    .insertInto("user_wallets")
    .values({
      address: wallet_address,
      user_id: id,
      state: "deployed",
      signed_hash: null,
      signature: null,
      linked_at: clock(),
      checked_at: clock(),
    })
    .execute();
  await codeOf(fromDevice(api).auth.login({ email, password: "a wrong password" }));
  const { key } = await caller.auth.create_api_key({ name: key_name, scopes: ["users:read"] });
  const keyed = createCaller({
    ...api.deps,
    request: { id: "test-request", access_token: tokens.access_token, ip, user_agent, idempotency_key: "k" },
  });
  await keyed.users.update_profile({ full_name });
  await caller.users.update_preferences({ preferred_protocols: ["nostra"] });
  await caller.transactions.create({ tx_hash: "0x1", tx_type: "deposit", amount: "1" });
  await caller.transactions.create({
    tx_hash: "0x2",
    tx_type: "allocate",
    amount: "1",
    allocation: { nostra: 100 },
  });
  const alert = {
    owner_id: id,
    fact: "planted",
    alert: "{}",
    created_at: clock(),
    waits: true,
    mail_id: null,
  };
  await db
    .insertInto("alerts")
    .values({ ...alert, id: api.deps.createId() })
    .execute();
  await db.insertInto("alert_digests").values({ owner_id: id, day: "2026-01-14" }).execute();
  const risk = { source: "simulated", protocol: "nostra", basis: "observed", threshold: 60 } as const;
  await db
    .insertInto("risk_alerts")
    .values({ ...risk, owner_id: id, told_at: clock() })
    .execute();
  await db
    .insertInto("alert_tasks")
    .values({
      id: api.deps.createId(),
      owner_id: id,
      cause: "{}",
      after_owner_id: null,
      created_at: clock(),
    })
    .execute();
  await fromDevice(api).auth.request_password_reset({ email });
  await caller.auth.request_email_change({ new_email: `new-${email}` });
  await sendWebhook(api, id, caller);
  return { id, caller, tokens, key };
}

/** A webhook that has told its receiver something, which was refused in the words of the receiver. */
async function sendWebhook(
  api: TestApi,
  owner_id: string,
  caller: ReturnType<typeof fromDevice>,
): Promise<void> {
  const { webhook_host } = personal;
  const { db, clock, createId, sealer } = api.deps;
  const now = clock();
  // Written directly: an address that nobody has confirmed is told of no more than three things an hour.
  await db
    .insertInto("webhooks")
    .values({
      id: createId(),
      owner_id,
      url: `https://${webhook_host}/`,
      topics: ["transactions"],
      status: "active",
      secret_sealed: sealer.seal("whsec_AAAA"),
      created_at: now,
      updated_at: now,
    })
    .execute();
  const [webhook] = (await caller.webhooks.list()).items;
  await caller.webhooks.test({ webhook_id: webhook?.id ?? "" });
  await deliver(
    api,
    createReceiver(() => ({ status: 500, body: Buffer.from(`${webhook_host} is away.`) })),
  );
}

/** Where one of the values is found, in any column of any table, as text or as bytes. */
export async function findAnywhere({ deps: { db } }: TestApi, values: readonly string[]): Promise<string[]> {
  const tables = await db.introspection.getTables();
  const found: string[] = [];
  for (const { name, schema = "public" } of tables) {
    const table = sql.id(schema, name);
    const { rows } = await sql<{ row: string }>`select t::text as row from ${table} as t`.execute(db);
    for (const value of values) {
      const hex = Buffer.from(value).toString("hex");
      if (rows.some(({ row }) => row.includes(value) || row.includes(hex))) found.push(`${value} in ${name}`);
    }
  }
  return found;
}

/** Lets the planted user ask for the deletion of the account, and the time until it pass. */
export async function scheduleAndWait(api: TestApi): Promise<void> {
  const { email } = personal;
  const tokens = await fromDevice(api).auth.login({ email, password });
  await fromDevice(api, tokens.access_token).users.schedule_deletion();
  api.clock.advance(14 * dayMs);
}
