import { listEndpoints, type NamedEndpoint } from "@obsqra/contract";
import { sampleInput } from "@obsqra/contract/testing";
import type { Database } from "@obsqra/db";
import { defineCommand, runCommand } from "@obsqra/platform";
import type { ChainReader } from "@obsqra/starknet";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { z } from "zod";
import {
  callerWith,
  callProcedure,
  createRememberingHasher,
  createTestApi,
  errorOf,
  type TestApi,
} from "../src/testing/index.ts";
import { callFor, type NewUser, password, prepareInput, signUp } from "./idempotency/prepared-inputs.ts";
import { watchTransactions } from "./idempotency/watch-transactions.ts";

const mutations = listEndpoints().filter(({ endpoint }) => endpoint.kind === "mutation");

/** With the call the session or membership that asks ends, and what has ended gets no reply: how it is refused instead. */
const endingAccess = new Map([
  ["auth.logout", "TOKEN_INVALID"],
  ["auth.logout_everywhere", "TOKEN_INVALID"],
  ["auth.reauthenticate", "TOKEN_INVALID"],
  ["users.schedule_deletion", "TOKEN_INVALID"],
  ["organisations.leave", "ORGANISATION_NOT_FOUND"],
  ["organisations.transfer", "ROLE_INSUFFICIENT"],
]);

/** What does not depend on locks runs on one engine, and on both in the long form. */
const onOneEngine = inject("databaseEngine") === "postgres" || inject("isLong");

let api: TestApi;
let isWithinTransaction = () => false;
/** Slow work during which a transaction was open, by the procedure that did it. */
const held = new Set<string>();
let called = "";

/** Notes work that must not hold a connection, and with it, on the embedded database, everybody else. */
function slow<TParameters extends unknown[], TResult>(work: (...parameters: TParameters) => TResult) {
  return (...parameters: TParameters): TResult => {
    if (isWithinTransaction()) held.add(called);
    return work(...parameters);
  };
}

const chain: ChainReader = {
  chainId: slow(async () => "SN_MAIN"),
  isValidSignature: slow(async () => "valid" as const),
  classHashAt: slow(async () => "0x1"),
  transactionOutcome: async () => ({ status: "unknown" }),
};

beforeAll(async () => {
  const hasher = await createRememberingHasher();
  const passwordHasher = {
    ...hasher,
    hash: slow(hasher.hash),
    verify: slow(hasher.verify),
    inTurn: slow(hasher.inTurn) as typeof hasher.inTurn,
  };
  const unlimited = { perEmailAndIp: 1e6, perIp: 1e6, mailsPerEmailAndIp: 1e6, mailsPerIp: 1e6 };
  const pause = slow(async () => {});
  api = await createTestApi({ withForecasts: true, chain, passwordHasher, pause, throttleLimits: unlimited });
  isWithinTransaction = watchTransactions(api.deps.db);
  // While anybody has a hash of the original backend, failed logins are made to take longer.
  const { userId } = await signUp(api);
  const hash = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
  await api.deps.db.updateTable("user_passwords").set({ hash }).where("user_id", "=", userId).execute();
});

afterAll(() => api[Symbol.asyncDispose]());

interface KeyedCall {
  readonly path: string;
  readonly input: unknown;
  readonly key: string;
  readonly owner?: string;
  readonly requestId?: string;
}

/** What a caller gets to see: the reply, or the error with the request that it names. */
async function replyTo({ accessToken }: NewUser, { path, input, key, owner, requestId = "r" }: KeyedCall) {
  called = path;
  const call = callProcedure(api, accessToken, path, input, { idempotency_key: key, id: requestId, owner });
  const error = await errorOf(call);
  if (error === undefined) return { ok: true, text: JSON.stringify(await call) };
  const { code, message, details, requestId: of } = error;
  return { ok: false, text: JSON.stringify({ code, message, details, of: of ?? requestId }) };
}

/** Everything that is stored, but for the replies themselves and counts of attempts. */
async function readEverything(db: Database): Promise<string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE'
    and table_name not in ('idempotency_keys', 'auth_throttle', 'rate_limits', 'analytics_cache')
    order by table_name`.execute(db);
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql<{ text: string }>`
      select cast(found as text) as text from ${sql.table(name)} found order by 1`.execute(db);
    texts.push(...rows.map(({ text }) => `${name} ${text}`));
  }
  return texts;
}

/** Asks three times at once and twice more afterwards; whatever comes back has to be the first reply. */
async function repeat(named: NamedEndpoint, user: NewUser, input: unknown): Promise<{ ok: boolean }> {
  const { path } = named;
  const key = api.deps.createId();
  const ask = (requestId: string) => replyTo(user, { ...callFor(named, user), path, input, key, requestId });
  const replies = await Promise.all([ask("1"), ask("2"), ask("3")]);
  const stored = await readEverything(api.deps.db);
  replies.push(await ask("4"), await ask("5"));
  // Whichever of them comes first ends the access of the others.
  const ending = endingAccess.get(path);
  const isShutOut = ({ text }: (typeof replies)[number]) =>
    ending !== undefined && text?.includes(ending) === true;
  const [first, ...others] = replies.filter((reply) => !isShutOut(reply));
  if (first === undefined) throw new Error(`Nobody got a reply from ${path}.`);
  for (const other of others) expect([path, other]).toEqual([path, first]);
  expect([path, await readEverything(api.deps.db)]).toEqual([path, stored]);
  return first;
}

it("takes a key at every mutation, carries it out once, and replays the same reply, byte for byte", {
  timeout: 240_000,
}, async () => {
  const refused: string[] = [];
  for (const named of mutations) {
    const user = await signUp(api, named);
    const { ok } = await repeat(named, user, await prepareInput(api, named, user));
    if (!ok) refused.push(named.path);
  }
  expect(refused).toEqual([]);
});

it.runIf(onOneEngine)(
  "gives the same error again at every mutation that refuses what it is sent, with the request of then",
  {
    timeout: 240_000,
  },
  async () => {
    const refusing: string[] = [];
    for (const named of mutations) {
      const user = await signUp(api, named);
      const { ok } = await repeat(named, user, sampleInput(named.endpoint.input));
      if (!ok) refusing.push(named.path);
    }
    // Whatever names something that is not there, and wrong passwords.
    expect(refusing.length).toBeGreaterThanOrEqual(10);
  },
);

it.runIf(onOneEngine)(
  "refuses another input for the same key at every mutation of somebody who is signed in",
  {
    timeout: 240_000,
  },
  async () => {
    for (const named of mutations.filter(({ endpoint }) => endpoint.access !== "public")) {
      const { path, endpoint } = named;
      const user = await signUp(api, named);
      const key = { key: api.deps.createId(), ...callFor(named, user) };
      await replyTo(user, { path: "users.update_preferences", input: {}, ...key });
      const { text } = await replyTo(user, { path, input: sampleInput(endpoint.input), ...key });
      if (path !== "users.update_preferences")
        expect([path, text]).toEqual([path, expect.stringContaining('"IDEMPOTENCY_KEY_REUSED"')]);
    }
  },
);

it.runIf(onOneEngine)(
  "lets no stranger's use of a key come between at any mutation that is open to everyone",
  {
    timeout: 240_000,
  },
  async () => {
    for (const named of mutations.filter(({ endpoint }) => endpoint.access === "public")) {
      const user = await signUp(api);
      const input = (await prepareInput(api, named, user)) as { email?: string } | undefined;
      const key = api.deps.createId();
      // A stranger who knows the key, and the address.
      const strangers: (readonly [string, object])[] = [
        ["auth.login", { email: user.email, password: "wrong" }],
        ["auth.login", { email: input?.email ?? user.email, password: "wrong" }],
        ["auth.request_password_reset", { email: input?.email ?? user.email }],
        ["auth.register", { email: user.email, password, full_name: "Eve" }],
        ["auth.refresh", { refresh_token: "x" }],
        ["auth.verify_email", { token: "x".repeat(43) }],
      ];
      const { path } = named;
      for (const [strange, other] of strangers) {
        // A newer link takes an older one's place, with a key and without.
        const replacesLink = path === "auth.reset_password" && strange === "auth.request_password_reset";
        if (!replacesLink) await replyTo(user, { path: strange, input: other, key });
      }
      expect([path, await replyTo(user, { path, input, key })]).toEqual([
        path,
        expect.objectContaining({ ok: true }),
      ]);
    }
  },
);

it("starts a login over whose password is changed while it is checked", async () => {
  const { email } = await signUp(api);
  const { deps } = api;
  const { passwordHasher } = deps;
  let isChanged = false;
  const changing = {
    ...passwordHasher,
    verify: async (...parameters: Parameters<typeof passwordHasher.verify>) => {
      const matches = await passwordHasher.verify(...parameters);
      if (isChanged) return matches;
      isChanged = true;
      // The same password with another salt, as a login stores it in the place of an older kind of hash.
      const hash = await passwordHasher.hash(password);
      await deps.db
        .updateTable("user_passwords")
        .set({ hash })
        .where("hash", "=", parameters[0] ?? "")
        .execute();
      return matches;
    },
  };
  called = "auth.login";
  const keyed = callerWith(api, { passwordHasher: changing }, undefined, "a-key");
  const first = await keyed.auth.login({ email, password });
  expect(isChanged).toBe(true);
  expect(await keyed.auth.login({ email, password })).toEqual(first);
});

it("would notice a hash that is made after the first write", async () => {
  const { deps } = api;
  const request = {
    id: "r",
    access_token: undefined,
    ip: undefined,
    user_agent: undefined,
    idempotency_key: "planted",
  };
  called = "planted";
  const planted = defineCommand({
    plan: async () => undefined,
    write: async (trx) => {
      await trx.deleteFrom("auth_throttle").execute();
      await deps.passwordHasher.hash(password);
    },
  });
  const call = { path: "planted", input: undefined, sent: undefined, output: z.void() };
  await runCommand(planted, { ...deps, request }, call);
  expect(held.delete("planted")).toBe(true);
});

it("never hashes, asks the chain or waits while the transaction of a keyed call is open", () => {
  expect([...held]).toEqual([]);
});
