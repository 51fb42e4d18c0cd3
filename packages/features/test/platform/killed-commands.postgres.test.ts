import type { Database } from "@obsqra/db";
import { type Break, openBreakingDatabase } from "@obsqra/db/testing";
import { sql } from "kysely";
import { expect, inject, it } from "vitest";
import { createCaller } from "../../src/root.ts";
import { createTestApi, type TestApi } from "../../src/testing/index.ts";
import { quickHasher } from "../paging/quick-hasher.ts";

// What is proven for any command in platform, for real ones; PGlite has no connection that could be cut off.

const breaks: readonly Omit<Break, "statement">[] = [
  { loses: "process", moment: "before" },
  { loses: "process", moment: "after" },
  { loses: "connection", moment: "during" },
];

/** A call with a key, which can be made over any database. */
interface KeyedCall {
  readonly run: (caller: ReturnType<typeof createCaller>) => Promise<unknown>;
  readonly accessToken?: string;
  readonly key: string;
}

function call({ deps }: TestApi, db: Database, { run, accessToken, key }: KeyedCall): Promise<unknown> {
  const request = { id: "test-request", access_token: accessToken, ip: "127.0.0.1", user_agent: "test" };
  return run(createCaller({ ...deps, db, request: { ...request, idempotency_key: key } }));
}

/** Makes a call that is broken off at each statement in turn, and asks again; until one goes through. */
async function breakEverywhere(
  api: TestApi,
  at: Omit<Break, "statement">,
  prepare: (name: string) => Promise<{ call: KeyedCall; countEffects: () => Promise<unknown> }>,
): Promise<number> {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(api.deps.db);
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${rows[0]?.name}`;
  for (let statement = 1; ; statement++) {
    const name = `${statement}`;
    const prepared = await prepare(name);
    await using broken = openBreakingDatabase(url.href, { ...at, statement });
    const first = await call(api, broken.db, prepared.call).catch(() => undefined);
    await broken.waitUntilSettled();
    const second = await call(api, api.deps.db, prepared.call);
    if (first !== undefined) expect(second, name).toEqual(first);
    expect(await call(api, api.deps.db, prepared.call), name).toEqual(second);
    expect(await prepared.countEffects(), name).toEqual({ rows: 1, events: 1 });
    if (!broken.hasBroken()) return statement - 1;
  }
}

async function countEvents({ deps }: TestApi, type: string, subject: string): Promise<number> {
  const events = deps.db.selectFrom("events").select("id").where("type", "=", type);
  return (await events.where("subject", "=", subject).execute()).length;
}

it.each(breaks)("registers an account once, that loses its $loses $moment any statement", async (at) => {
  await using api = await createTestApi({ passwordHasher: quickHasher });
  const statements = await breakEverywhere(api, at, async (name) => {
    const email = `${name}@example.org`;
    return {
      call: {
        run: ({ auth }) => auth.register({ email, password: "correct horse battery", full_name: "Ada" }),
        key: name,
      },
      countEffects: async () => {
        const accounts = await api.deps.db
          .selectFrom("users")
          .innerJoin("user_passwords as password", "password.user_id", "users.id")
          .innerJoin("auth_sessions as session", "session.user_id", "users.id")
          .innerJoin("auth_refresh_tokens as token", "token.session_id", "session.id")
          .innerJoin("email_outbox as mail", "mail.user_id", "users.id")
          .innerJoin("audit_events as logged", "logged.user_id", "users.id")
          .select("users.id")
          .where("email", "=", email)
          .execute();
        const events = await countEvents(api, "user.registered", accounts[0]?.id ?? "");
        return { rows: accounts.length, events };
      },
    };
  });
  // The look-up of the key, the account, and the key with the reply and the events.
  expect(statements).toBeGreaterThanOrEqual(3);
});

it.each(breaks)("logs a transaction once, that loses its $loses $moment any statement", async (at) => {
  await using api = await createTestApi({ passwordHasher: quickHasher });
  const account = { email: "ada@example.org", password: "correct horse battery", full_name: "Ada" };
  const { access_token } = await api.caller().auth.register(account);
  const statements = await breakEverywhere(api, at, async (name) => {
    const tx_hash = `0x${name.padStart(64, "0")}`;
    return {
      call: {
        run: (caller) => caller.transactions.create({ tx_hash, tx_type: "deposit", amount: "1250.5" }),
        accessToken: access_token,
        key: name,
      },
      countEffects: async () => {
        const logged = await api.deps.db
          .selectFrom("transactions")
          .innerJoin("transaction_statuses as entry", "entry.transaction_id", "transactions.id")
          .select("transactions.id")
          .where("tx_hash", "=", tx_hash)
          .execute();
        const events = await countEvents(api, "transaction.logged", logged[0]?.id ?? "");
        return { rows: logged.length, events };
      },
    };
  });
  // What is read before, the log, and the key with the reply and the events.
  expect(statements).toBeGreaterThanOrEqual(3);
});
