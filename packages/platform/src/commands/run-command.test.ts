import type { Database } from "@obsqra/db";
import {
  type Actor,
  AppError,
  createResponseFacts,
  defineCommand,
  Refused,
  runCommand,
  toAppError,
} from "@obsqra/platform";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { callerWith, codeOf, createTestApi, errorOf, type TestApi } from "../../src/testing/index.ts";

const hourMs = 60 * 60_000;

/** A call of a made-up command. */
interface TestCall {
  readonly key: string;
  readonly owner_id: string | undefined;
  readonly path: string;
  readonly input: unknown;
}

const call: TestCall = { key: "a-key", owner_id: undefined, path: "feature.change", input: { amount: "1" } };

let api: TestApi;

/** Shared, because making it takes longer than any of the tests: each begins with empty tables. */
beforeAll(async () => {
  api = await createTestApi();
});

afterAll(() => api[Symbol.asyncDispose]());

beforeEach(async () => {
  await api.deps.db.deleteFrom("auth_throttle").execute();
  await api.deps.db.deleteFrom("idempotency_keys").execute();
});

/** One effect, of which there may be any number. */
async function addNote(db: Database): Promise<string> {
  const id = api.deps.createId();
  const now = api.clock();
  await db
    .insertInto("auth_throttle")
    .values({ key: Buffer.from(id), attempts: 1, next_attempt_at: now, reset_at: now })
    .execute();
  return id;
}

async function countNotes(): Promise<number> {
  return (await api.deps.db.selectFrom("auth_throttle").select("key").execute()).length;
}

async function countKeys(): Promise<number> {
  return (await api.deps.db.selectFrom("idempotency_keys").select("owner_id").execute()).length;
}

/** Calls it as one request, and tells whether the answer was an earlier one's. */
async function ask(
  run: (db: Database) => Promise<unknown>,
  { requestId = "request", ...changes }: Partial<TestCall> & { db?: Database; requestId?: string } = {},
) {
  const response = createResponseFacts();
  const { key, owner_id, path, input } = { ...call, ...changes };
  const request = {
    id: requestId,
    access_token: undefined,
    ip: undefined,
    user_agent: undefined,
    idempotency_key: key,
  };
  // The runner looks at nothing else of an actor.
  const actor = owner_id === undefined ? {} : { actor: { owner_id } as Actor };
  const ctx = { ...api.deps, db: changes.db ?? api.deps.db, request, response, ...actor };
  const command = defineCommand({ plan: async () => undefined, write: (trx) => run(trx) });
  try {
    const data = await runCommand(command, ctx, { path, input, output: z.unknown() });
    return { data, isReplayed: response.isReplayed };
  } catch (error) {
    return { error, isReplayed: response.isReplayed };
  }
}

/** The same database for another process, which shares no memory with this one. */
function otherProcess(): Database {
  return api.deps.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => result,
  });
}

describe("an answer", () => {
  it("is given again for the same key and input, and nothing is done", async () => {
    const first = await ask(addNote);
    expect(first).toEqual({ data: expect.any(String), isReplayed: false });
    expect(await ask(addNote)).toEqual({ data: first.data, isReplayed: true });
    expect(await ask(addNote, { db: otherProcess() })).toEqual({ data: first.data, isReplayed: true });
    expect(await countNotes()).toBe(1);
  });

  it("keeps the order of its fields, and having none", async () => {
    const answers = [{ b: 1, a: { d: null, c: [] } }, [], "", 0, false, null, undefined];
    for (const [number, given] of answers.entries()) {
      const key = `key-${number}`;
      await ask(async () => given, { key });
      const again = await ask(addNote, { key });
      expect(again.isReplayed).toBe(true);
      expect(JSON.stringify(again.data)).toBe(JSON.stringify(given));
    }
    expect(await countNotes()).toBe(0);
  });

  it("is kept for 24 hours; then the key is free, even before anybody has cleaned up", async () => {
    await ask(addNote);
    api.clock.advance(24 * hourMs - 1);
    expect((await ask(addNote)).isReplayed).toBe(true);
    api.clock.advance(1);
    expect((await ask(addNote, { input: "another" })).isReplayed).toBe(false);
    expect((await ask(addNote, { input: "another" })).isReplayed).toBe(true);
    expect(await countNotes()).toBe(2);
    expect(await countKeys()).toBe(1);
  });

  it("of another owner has nothing to do with it", async () => {
    const owners = [undefined, api.deps.createId(), api.deps.createId()];
    for (const owner_id of owners) expect((await ask(addNote, { owner_id })).isReplayed).toBe(false);
    expect(await countNotes()).toBe(3);
  });

  it("cannot be read in the table, nor what was asked", async () => {
    await ask(async (db) => `token-${await addNote(db)}`, { input: { password: "planted password" } });
    const [row] = await api.deps.db.selectFrom("idempotency_keys").selectAll().execute();
    const stored = Buffer.from(row?.sealed ?? []).toString("latin1");
    expect(stored.length).toBeGreaterThan(0);
    for (const secret of ["token-", "planted", call.key, call.path]) expect(stored).not.toContain(secret);
    expect(JSON.stringify(row)).not.toContain(call.key);
  });
});

describe("the same key", () => {
  const reused = { error: expect.objectContaining({ code: "IDEMPOTENCY_KEY_REUSED" }), isReplayed: false };

  it("with another input, or for another procedure, is refused and does nothing", async () => {
    await ask(addNote);
    expect(await ask(addNote, { input: { amount: "2" } })).toEqual(reused);
    expect(await ask(addNote, { input: undefined })).toEqual(reused);
    expect(await ask(addNote, { path: "feature.remove" })).toEqual(reused);
    expect(await countNotes()).toBe(1);
  });

  it("with another input is refused also while the first call is under way", async () => {
    const first = ask(addNote);
    expect(await ask(addNote, { input: { amount: "2" } })).toEqual(reused);
    await first;
    expect(await countNotes()).toBe(1);
  });

  it("takes the order of fields, and fields that are undefined, for the same input", async () => {
    await ask(addNote, { input: { a: 1, b: { c: 2, d: 3 } } });
    expect((await ask(addNote, { input: { b: { d: 3, c: 2 }, a: 1, e: undefined } })).isReplayed).toBe(true);
  });

  it("tells halves of surrogate pairs from each other", async () => {
    await ask(addNote, { input: "\ud800" });
    expect((await ask(addNote, { input: "\ud800" })).isReplayed).toBe(true);
    expect(await ask(addNote, { input: "\ud801" })).toEqual(reused);
  });

  it("is a fault for the operator when the secret that sealed its reply is gone, and nothing is done again", async () => {
    await ask(addNote);
    await api.deps.db
      .updateTable("idempotency_keys")
      .set({ sealed: new Uint8Array(64) })
      .execute();
    const { error } = await ask(addNote);
    expect(error).toMatchObject({ message: expect.stringContaining("sealed") });
    expect(toAppError(error).code).toBe("INTERNAL_ERROR");
    expect(await countNotes()).toBe(1);
  });
});

describe("duplicates at the same time", () => {
  it("run once in a process and share the answer", async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(addNote)));
    expect(new Set(answers.map(({ data }) => data)).size).toBe(1);
    expect(answers.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    expect(await countNotes()).toBe(1);
  });

  it("have one effect over many processes, whether they change something or not", async () => {
    for (const run of [addNote, async () => api.deps.createId()]) {
      const key = api.deps.createId();
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => ask(run, { key, db: otherProcess() })),
      );
      expect(new Set(answers.map(({ data }) => data)).size).toBe(1);
      expect(answers.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    }
    expect(await countNotes()).toBe(1);
  });

  it("share an error that is not kept, and the next one may succeed", async () => {
    const busy = async () => {
      throw new AppError("SERVER_BUSY", undefined);
    };
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(busy)));
    expect(answers).toEqual(
      answers.map(() => ({ error: expect.objectContaining({ code: "SERVER_BUSY" }), isReplayed: false })),
    );
    expect((await ask(addNote)).isReplayed).toBe(false);
  });
});

describe("an error", () => {
  const failing = (error: Error) => async (db: Database) => {
    await addNote(db);
    throw error;
  };

  it("that is final is sent again, with the request of then, and what was written before it is undone", async () => {
    const error = new AppError("API_KEY_LIMIT_REACHED", { limit: 20 });
    await ask(failing(error), { requestId: "first" });
    const again = await ask(addNote, { requestId: "second" });
    expect(again).toMatchObject({ error: { code: error.code, details: error.details }, isReplayed: true });
    expect(again.error).toMatchObject({ requestId: "first" });
    expect(await countNotes()).toBe(0);
  });

  it("that is returned as a refusal keeps what was written, and is sent again", async () => {
    const refusing = async (db: Database) => {
      await addNote(db);
      return new Refused(new AppError("REFRESH_TOKEN_INVALID", undefined));
    };
    expect((await ask(refusing)).error).toMatchObject({ code: "REFRESH_TOKEN_INVALID" });
    expect(await ask(addNote)).toMatchObject({ error: { code: "REFRESH_TOKEN_INVALID" }, isReplayed: true });
    expect(await countNotes()).toBe(1);
  });

  it("that goes away by itself is not stored, and what was written before it is undone", async () => {
    const errors = [
      new AppError("TOO_MANY_ATTEMPTS", { retry_after_seconds: 1 }),
      new AppError("SERVER_BUSY", undefined),
      new AppError("CHAIN_UNAVAILABLE", undefined),
    ];
    for (const error of errors) expect((await ask(failing(error))).error).toBe(error);
    expect([await countKeys(), await countNotes()]).toEqual([0, 0]);
    expect((await ask(addNote)).isReplayed).toBe(false);
  });

  it("that nobody expected undoes everything, and is not kept", async () => {
    const error = new Error("a bug");
    expect((await ask(failing(error))).error).toBe(error);
    expect([await countKeys(), await countNotes()]).toEqual([0, 0]);
    expect((await ask(addNote)).isReplayed).toBe(false);
  });

  it.runIf(inject("databaseEngine") === "postgres")(
    "that is a deadlock is nobody's: the call is run again",
    async () => {
      const [one, other] = [await addNote(api.deps.db), await addNote(api.deps.db)];
      const bothHaveOne = Promise.withResolvers<void>();
      let having = 0;
      let runs = 0;
      const lockInOrder = (ids: readonly string[]) => async (db: Database) => {
        runs += 1;
        for (const id of ids) {
          const at = api.clock();
          await db
            .updateTable("auth_throttle")
            .set({ reset_at: at })
            .where("key", "=", Buffer.from(id))
            .execute();
          having += 1;
          if (having === 2) bothHaveOne.resolve();
          await bothHaveOne.promise;
        }
        return "done";
      };
      const answers = await Promise.all([
        ask(lockInOrder([one, other]), { key: "one" }),
        ask(lockInOrder([other, one]), { key: "other" }),
      ]);
      expect(answers.map(({ data }) => data)).toEqual(["done", "done"]);
      expect(runs).toBeGreaterThan(2);
    },
  );
});

describe("a key", () => {
  it.each([
    "",
    " ",
    "a b",
    "a, a",
    '"abc',
    '"a b"',
    '""',
    "é",
    "a\u0000",
    "a".repeat(256),
    '"a";b=1',
    '"a\\b"',
  ])("cannot be %j", async (key) => {
    expect((await ask(addNote, { key })).error).toMatchObject({ code: "IDEMPOTENCY_KEY_INVALID" });
    expect(await countNotes()).toBe(0);
  });

  it.each([
    ["a", '"a"'],
    ["a".repeat(255), `"${"a".repeat(255)}"`],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ["a,b;c=d", '"a,b;c=d"'],
  ])("is the same with and without the quotes of a structured header: %j", async (plain, quoted) => {
    await ask(addNote, { key: plain });
    expect((await ask(addNote, { key: quoted })).isReplayed).toBe(true);
  });
});

describe("in process", () => {
  it("is part of the request", async () => {
    const ada = await api.signUp();
    const { id } = await ada.auth.me();
    const tokens = await api
      .caller()
      .auth.login({ email: (await ada.auth.me()).email, password: "correct horse battery" });
    const keyed = api.caller(tokens.access_token, { idempotency_key: "k" });
    const input = { name: "Report", scopes: ["analytics:read" as const] };
    const first = await keyed.auth.create_api_key(input);
    expect(await keyed.auth.create_api_key(input)).toEqual(first);
    const refused = await errorOf(keyed.auth.create_api_key({ ...input, name: "Other" }));
    expect(refused).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
    const keys = await api.deps.db.selectFrom("api_keys").select("name").where("user_id", "=", id).execute();
    expect(keys).toEqual([{ name: "Report" }]);
  });

  it("counts for mutations only", async () => {
    const tokens = await api.caller().auth.register({
      email: "ada@example.org",
      password: "correct horse battery",
      full_name: "Ada",
    });
    const keyed = callerWith(api, {}, tokens.access_token);
    expect(await codeOf(keyed.auth.me())).toBeUndefined();
    const odd = api.caller(tokens.access_token, { idempotency_key: "not a key" });
    expect((await odd.auth.me()).full_name).toBe("Ada");
    expect(await codeOf(odd.users.update_profile({ full_name: "Eve" }))).toBe("IDEMPOTENCY_KEY_INVALID");
    expect((await odd.auth.me()).full_name).toBe("Ada");
  });
});
