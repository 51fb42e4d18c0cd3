import type { Database } from "@obsqra/db";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import type { Actor } from "../access/actor.ts";
import { createResponseFacts } from "../call/response-facts.ts";
import { AppError } from "../errors/app-error.ts";
import { toAppError } from "../errors/to-app-error.ts";
import { createTestPlatform, type TestPlatform, testRequest } from "../testing/index.ts";
import { defineCommand, type Guess, PlanOutdatedError, Refused } from "./command.ts";
import { type EarlyReply, keyedCallsOf } from "./keyed-calls.ts";
import { runCommand } from "./run-command.ts";

const hourMs = 60 * 60_000;

/** A call of a made-up command. */
interface TestCall {
  readonly key: string;
  readonly owner_id: string | undefined;
  readonly path: string;
  readonly input: unknown;
}

const call: TestCall = { key: "a-key", owner_id: "ada", path: "feature.change", input: { amount: "1" } };

let platform: TestPlatform;

/** Shared, because making it takes longer than any of the tests: each begins with empty tables. */
beforeAll(async () => {
  platform = await createTestPlatform();
});

afterAll(() => platform[Symbol.asyncDispose]());

beforeEach(async () => {
  await platform.deps.db.deleteFrom("auth_throttle").execute();
  await platform.deps.db.deleteFrom("idempotency_keys").execute();
});

/** One effect, of which there may be any number. */
async function addNote(db: Database): Promise<string> {
  const id = platform.deps.createId();
  const now = platform.clock();
  await db
    .insertInto("auth_throttle")
    .values({ key: Buffer.from(id), attempts: 1, next_attempt_at: now, reset_at: now })
    .execute();
  return id;
}

async function countNotes(): Promise<number> {
  return (await platform.deps.db.selectFrom("auth_throttle").select("key").execute()).length;
}

async function countKeys(): Promise<number> {
  return (await platform.deps.db.selectFrom("idempotency_keys").select("owner_id").execute()).length;
}

/** Calls it as one request, and tells whether the reply was an earlier call's. */
async function ask(
  run: (db: Database) => Promise<unknown>,
  {
    requestId = "request",
    guess,
    givesCredentials,
    stillLetsIn,
    earlyReply,
    ...changes
  }: Partial<TestCall> & {
    db?: Database;
    requestId?: string;
    guess?: Guess<unknown, unknown>;
    givesCredentials?: boolean;
    stillLetsIn?: () => Promise<boolean>;
    earlyReply?: EarlyReply;
  } = {},
) {
  const response = createResponseFacts();
  const { key, owner_id, path, input } = { ...call, ...changes };
  const request = testRequest({ id: requestId, idempotency_key: key });
  // The runner looks at nothing else of an actor.
  const actor = owner_id === undefined ? {} : { actor: { owner_id } as Actor };
  const ctx = {
    ...platform.deps,
    db: changes.db ?? platform.deps.db,
    request,
    response,
    earlyReply,
    ...actor,
  };
  const command = defineCommand({
    ...(guess && { guess }),
    ...(stillLetsIn && { stillLetsIn }),
    plan: async () => undefined,
    write: (trx) => run(trx),
  });
  try {
    const output = z.unknown();
    const data = await runCommand(command, ctx, {
      path,
      input,
      sent: input,
      output,
      ...(givesCredentials && { givesCredentials }),
    });
    return { data, isReplayed: response.isReplayed };
  } catch (error) {
    return { error, isReplayed: response.isReplayed };
  }
}

/** The same database for another process, which shares no memory with this one. */
function otherProcess(): Database {
  return platform.deps.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => result,
  });
}

describe("a reply", () => {
  it("is given again for the same key and input, and nothing is done", async () => {
    const first = await ask(addNote);
    expect(first).toEqual({ data: expect.any(String), isReplayed: false });
    expect(await ask(addNote)).toEqual({ data: first.data, isReplayed: true });
    expect(await ask(addNote, { db: otherProcess() })).toEqual({ data: first.data, isReplayed: true });
    expect(await countNotes()).toBe(1);
  });

  it("is looked for again when a call with the same key has ended since access looked for it", async () => {
    const earlyReply = { row: undefined, settledBefore: keyedCallsOf(platform.deps.db).settled };
    const first = await ask(addNote, { earlyReply });
    expect(first.isReplayed).toBe(false);
    const refuse = async () => {
      throw new Error("Nothing is to be done.");
    };
    expect(await ask(refuse, { earlyReply })).toEqual({ data: first.data, isReplayed: true });
  });

  it("that access has missed is found in the end, and what was done a second time is undone", async () => {
    const first = await ask(addNote);
    const { settled } = keyedCallsOf(platform.deps.db);
    const earlyReply = { row: undefined, settledBefore: settled };
    expect(await ask(addNote, { earlyReply })).toEqual({ data: first.data, isReplayed: true });
    expect(await countNotes()).toBe(1);
  });

  it("keeps the order of its fields, and having none", async () => {
    const replies = [{ b: 1, a: { d: null, c: [] } }, [], "", 0, false, null, undefined];
    for (const [number, given] of replies.entries()) {
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
    platform.clock.advance(24 * hourMs - 1);
    expect((await ask(addNote)).isReplayed).toBe(true);
    platform.clock.advance(1);
    expect((await ask(addNote, { input: "another" })).isReplayed).toBe(false);
    expect((await ask(addNote, { input: "another" })).isReplayed).toBe(true);
    expect(await countNotes()).toBe(2);
    expect(await countKeys()).toBe(1);
  });

  it("of another owner has nothing to do with it", async () => {
    const owners = [undefined, platform.deps.createId(), platform.deps.createId()];
    for (const owner_id of owners) expect((await ask(addNote, { owner_id })).isReplayed).toBe(false);
    expect(await countNotes()).toBe(3);
  });

  it("cannot be read in the table, nor what was asked", async () => {
    await ask(async (db) => `token-${await addNote(db)}`, { input: { password: "planted password" } });
    const [row] = await platform.deps.db.selectFrom("idempotency_keys").selectAll().execute();
    const stored = Buffer.from(row?.sealed ?? []).toString("latin1");
    expect(stored.length).toBeGreaterThan(0);
    for (const secret of ["token-", "planted", call.key, call.path]) expect(stored).not.toContain(secret);
    expect(JSON.stringify(row)).not.toContain(call.key);
  });
});

describe("credentials", () => {
  const given = { givesCredentials: true };
  const gone = { error: expect.objectContaining({ code: "IDEMPOTENCY_REPLY_GONE" }), isReplayed: false };

  it("are replayed for a minute; after that the key stays taken, and nothing is done again", async () => {
    await ask(addNote, given);
    platform.clock.advance(60_000);
    expect((await ask(addNote, given)).isReplayed).toBe(true);
    platform.clock.advance(1);
    expect(await ask(addNote, given)).toEqual(gone);
    expect(await ask(addNote, { ...given, owner_id: undefined })).toMatchObject({ isReplayed: false });
    expect(await countNotes()).toBe(2);
    platform.clock.advance(24 * hourMs);
    expect(await ask(addNote, given)).toEqual({ data: expect.any(String), isReplayed: false });
  });

  it("are not replayed when the clock was set back and nobody knows how old they are", async () => {
    await ask(addNote, given);
    platform.clock.advance(-48 * hourMs);
    expect(await ask(addNote, given)).toEqual(gone);
    platform.clock.advance(48 * hourMs);
    expect((await ask(addNote, given)).isReplayed).toBe(true);
  });

  it("are not replayed when they let nobody in any more, and the attempt stays counted", async () => {
    const log: string[] = [];
    const guess = {
      count: async () => void log.push("count"),
      forget: async () => void log.push("forget"),
    };
    const asked = { ...given, guess, stillLetsIn: async () => false };
    expect(await ask(addNote, asked)).toMatchObject({ isReplayed: false, data: expect.any(String) });
    expect(await ask(addNote, asked)).toMatchObject({ error: { code: "IDEMPOTENCY_REPLY_GONE" } });
    expect(log).toEqual(["count", "count"]);
    expect((await ask(addNote, { ...asked, stillLetsIn: async () => true })).isReplayed).toBe(true);
    expect(await countNotes()).toBe(1);
  });

  it("that were refused are refused again for as long as the key is taken", async () => {
    const refuse = () => Promise.reject(new AppError("PASSWORD_WRONG", undefined));
    await ask(refuse, given);
    platform.clock.advance(hourMs);
    expect(await ask(addNote, given)).toMatchObject({ error: { code: "PASSWORD_WRONG" }, isReplayed: true });
  });
});

describe("a guess", () => {
  it("is counted before its key is looked at, whatever becomes of it, and forgotten when a success is replayed", async () => {
    const log: string[] = [];
    const guess = {
      count: async () => void log.push("count"),
      forget: async () => void log.push("forget"),
    };
    await ask(addNote, { guess });
    await ask(addNote, { guess, input: "another" });
    expect(log).toEqual(["count", "count"]);
    await ask(addNote, { guess });
    expect(log).toEqual(["count", "count", "count", "forget"]);
    await Promise.all([1, 2, 3].map(() => ask(addNote, { guess, key: "b" })));
    expect(log.filter((entry) => entry === "count")).toHaveLength(6);
  });

  it("that is one too many is refused, though its reply is stored", async () => {
    await ask(addNote);
    const count = () => Promise.reject(new AppError("TOO_MANY_ATTEMPTS", { retry_after_seconds: 1 }));
    const refused = await ask(addNote, { guess: { count, forget: async () => {} } });
    expect(refused).toMatchObject({ error: { code: "TOO_MANY_ATTEMPTS" }, isReplayed: false });
    expect((await ask(addNote)).isReplayed).toBe(true);
  });
});

describe("a key of nobody", () => {
  it("belongs to whoever sends the same input, so that no other input takes it or is told of it", async () => {
    const nobody = { owner_id: undefined };
    const first = await ask(addNote, nobody);
    for (const other of [{ input: { amount: "2" } }, { input: undefined }, { path: "feature.remove" }]) {
      expect(await ask(addNote, { ...nobody, ...other })).toEqual({
        data: expect.any(String),
        isReplayed: false,
      });
    }
    expect(await ask(addNote, nobody)).toEqual({ data: first.data, isReplayed: true });
    expect(await countNotes()).toBe(4);
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
    await platform.deps.db
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
  it("run once in a process and share the reply", async () => {
    const replies = await Promise.all(Array.from({ length: 200 }, () => ask(addNote)));
    expect(new Set(replies.map(({ data }) => data)).size).toBe(1);
    expect(replies.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    expect(await countNotes()).toBe(1);
  });

  it("have one effect over many processes, whether they change something or not", async () => {
    for (const run of [addNote, async () => platform.deps.createId()]) {
      const key = platform.deps.createId();
      const replies = await Promise.all(
        Array.from({ length: 20 }, () => ask(run, { key, db: otherProcess() })),
      );
      expect(new Set(replies.map(({ data }) => data)).size).toBe(1);
      expect(replies.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    }
    expect(await countNotes()).toBe(1);
  });

  it("share an error that is not kept, and the next one may succeed", async () => {
    const busy = async () => {
      throw new AppError("SERVER_BUSY", undefined);
    };
    const replies = await Promise.all(Array.from({ length: 10 }, () => ask(busy)));
    expect(replies).toEqual(
      replies.map(() => ({ error: expect.objectContaining({ code: "SERVER_BUSY" }), isReplayed: false })),
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

  it.each([
    ["an outdated plan", () => new PlanOutdatedError()],
    ["a serialization failure", () => Object.assign(new Error("could not serialize"), { code: "40001" })],
    [
      "a deadlock that a service has wrapped",
      () => new Error("wrapped", { cause: Object.assign(new Error("deadlock"), { code: "40P01" }) }),
    ],
  ])("that is %s has the call run again, and three times at most", async (_name, conflict) => {
    let runs = 0;
    const conflicting = (times: number) => async (db: Database) => {
      const id = await addNote(db);
      runs += 1;
      if (runs <= times) throw conflict();
      return id;
    };
    expect(await ask(conflicting(2))).toMatchObject({ data: expect.any(String), isReplayed: false });
    expect([runs, await countNotes()]).toEqual([3, 1]);
    runs = 0;
    const { error } = await ask(conflicting(3), { key: "another" });
    expect(error).toMatchObject({ code: "DATABASE_UNAVAILABLE", cause: expect.any(Error) });
    expect([runs, await countNotes(), await countKeys()]).toEqual([3, 1, 1]);
    // Nothing is left of it, so that the same call may be made again.
    expect(await ask(conflicting(0), { key: "another" })).toMatchObject({ isReplayed: false });
  });

  it("that is a plan outdated for the third time is the refusal that the command gives with it", async () => {
    const refusal = new AppError("CREDENTIALS_INVALID", undefined);
    let runs = 0;
    const outdated = async () => {
      runs += 1;
      throw new PlanOutdatedError(refusal);
    };
    expect((await ask(outdated)).error).toMatchObject({ code: "CREDENTIALS_INVALID" });
    expect([runs, await countKeys()]).toEqual([3, 0]);
  });

  it.runIf(inject("databaseEngine") === "postgres")(
    "that is a deadlock is nobody's: the call is run again",
    async () => {
      const [one, other] = [await addNote(platform.deps.db), await addNote(platform.deps.db)];
      const bothHaveOne = Promise.withResolvers<void>();
      let having = 0;
      let runs = 0;
      const lockInOrder = (ids: readonly string[]) => async (db: Database) => {
        runs += 1;
        for (const id of ids) {
          const at = platform.clock();
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
      const replies = await Promise.all([
        ask(lockInOrder([one, other]), { key: "one" }),
        // Of one owner, the second would not begin before the first has ended.
        ask(lockInOrder([other, one]), { key: "other", owner_id: platform.deps.createId() }),
      ]);
      expect(replies.map(({ data }) => data)).toEqual(["done", "done"]);
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
