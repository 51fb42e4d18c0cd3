import { type Database, type DatabaseTransaction, migrate } from "@obsqra/db";
import { waitForEvents } from "@obsqra/db/testing";
import fc from "fast-check";
import { sql } from "kysely";
import { describe, expect, inject, it, vi } from "vitest";
import { writeTransaction } from "../commands/write-transaction.ts";
import { createTestPlatform, type TestPlatform } from "../testing/index.ts";
import type { Event, NewEvent } from "./event.ts";
import { firstPosition, getEventsAfter, readEvents } from "./event-reader.ts";
import { insertEvents } from "./events.queries.ts";
import { getEventsHeldSince } from "./held-events.ts";

/** An event whose subject tells it from the others. */
function registered(subject: string): NewEvent {
  return { type: "user.registered", subject, owner_id: null, payload: {} };
}

async function emitAll(platform: TestPlatform, ...subjects: readonly string[]): Promise<void> {
  await writeTransaction(platform.deps, async (_trx, emit) => {
    for (const subject of subjects) emit(registered(subject));
  });
}

/**
 * Waits for a moment in which nobody writes in another database of the server. Readers go no further than the oldest
 * transaction that is still running, which may be one of another test's. Not `waitForEvents`: some tests hold one open themselves.
 */
async function waitForOtherDatabases(db: Database): Promise<void> {
  await vi.waitUntil(
    async () => {
      const { rows } = await sql`select from pg_stat_activity
      where backend_xid is not null and datname is distinct from current_database()`.execute(db);
      return rows.length === 0;
    },
    { timeout: 60_000, interval: 5 },
  );
}

/** Reads once under a name, and gives the subjects that were handled. */
async function readOnce(
  { deps }: TestPlatform,
  options: { name?: string; limit?: number; db?: Database } = {},
): Promise<string[]> {
  const { name = "reader", limit = 500, db = deps.db } = options;
  const subjects: string[] = [];
  await waitForOtherDatabases(db);
  const count = await readEvents(
    { ...deps, db },
    {
      name,
      limit,
      handle: async (_trx, events) => void subjects.push(...events.map(({ subject }) => subject)),
    },
  );
  expect(count).toBe(subjects.length);
  return subjects;
}

/** Something that a reader writes. */
async function addNote({ clock }: TestPlatform, trx: DatabaseTransaction, text: string): Promise<void> {
  const now = clock();
  await trx
    .insertInto("auth_throttle")
    .values({ key: Buffer.from(text), attempts: 1, next_attempt_at: now, reset_at: now })
    .execute();
}

async function listNotes({ deps }: TestPlatform): Promise<string[]> {
  const rows = await deps.db.selectFrom("auth_throttle").select("key").execute();
  return rows.map(({ key }) => Buffer.from(key).toString()).toSorted();
}

describe("an event", () => {
  it("is read as it was emitted, with an id, a time and a position", async () => {
    await using platform = await createTestPlatform();
    const owner_id = platform.deps.createId();
    const payload = { user_id: platform.deps.createId(), reason: "logged out" };
    await writeTransaction(platform.deps, async (_trx, emit) =>
      emit({ type: "session.ended", subject: "a session", owner_id, payload }),
    );
    await waitForEvents(platform.deps.db);
    const events = await getEventsAfter(platform.deps, firstPosition, 10);
    expect(events).toEqual([
      {
        id: expect.any(String),
        type: "session.ended",
        subject: "a session",
        owner_id,
        payload,
        occurred_at: platform.clock(),
        position: {
          transaction_id: expect.stringMatching(/^\d+$/),
          sequence: expect.stringMatching(/^\d+$/),
        },
      },
    ]);
  });

  it("comes after those before it also where numbers have another digit", async () => {
    await using platform = await createTestPlatform();
    await sql`select setval(pg_get_serial_sequence('events', 'sequence'), 97)`.execute(platform.deps.db);
    const subjects = Array.from({ length: 5 }, (_, number) => `event ${number}`);
    await emitAll(platform, ...subjects);
    expect(await readOnce(platform)).toEqual(subjects);
  });

  it("of a write that fails is not there", async () => {
    await using platform = await createTestPlatform();
    const failed = writeTransaction(platform.deps, async (trx, emit) => {
      emit(registered("nobody"));
      await addNote(platform, trx, "undone");
      throw new Error("a bug");
    });
    await expect(failed).rejects.toThrow("a bug");
    expect(await readOnce(platform)).toEqual([]);
    expect(await listNotes(platform)).toEqual([]);
  });

  it.each([
    ["lacks a field", { reason: "logged out" }],
    ["has a field that the catalogue does not know", { user_id: "", reason: "x", email: "ada@example.org" }],
    ["has a value that the catalogue refuses", { user_id: "no id", reason: "x" }],
  ])("whose payload %s undoes the change that it tells of", async (_name, payload) => {
    await using platform = await createTestPlatform();
    const failed = writeTransaction(platform.deps, async (trx, emit) => {
      await addNote(platform, trx, "undone");
      // What the types refuse may still come from data at run time.
      emit({ type: "session.ended", subject: "a session", owner_id: null, payload } as NewEvent);
    });
    await expect(failed).rejects.toMatchObject({ name: "ZodError" });
    expect(await readOnce(platform)).toEqual([]);
    expect(await listNotes(platform)).toEqual([]);
  });
});

describe("a reader", () => {
  it("gets each event once, in order, as many at a time as it asks for", async () => {
    await using platform = await createTestPlatform();
    await emitAll(platform, "a", "b", "c");
    await emitAll(platform, "d", "e");
    const batches = [];
    for (let round = 0; round < 4; round++) batches.push(await readOnce(platform, { limit: 2 }));
    expect(batches).toEqual([["a", "b"], ["c", "d"], ["e"], []]);
    await emitAll(platform, "f");
    expect(await readOnce(platform)).toEqual(["f"]);
  });

  it("has nothing to do with another reader", async () => {
    await using platform = await createTestPlatform();
    await emitAll(platform, "a");
    expect(await readOnce(platform, { name: "one" })).toEqual(["a"]);
    expect(await readOnce(platform, { name: "other" })).toEqual(["a"]);
  });

  it("moves on together with what it writes", async () => {
    await using platform = await createTestPlatform();
    await emitAll(platform, "a", "b");
    await waitForEvents(platform.deps.db);
    await readEvents(platform.deps, {
      name: "reader",
      handle: async (trx, events) => {
        for (const { subject } of events) await addNote(platform, trx, subject);
      },
    });
    expect(await listNotes(platform)).toEqual(["a", "b"]);
    expect(await readOnce(platform)).toEqual([]);
  });

  it("that throws stays where it was, and nothing that it wrote stays", async () => {
    await using platform = await createTestPlatform();
    await emitAll(platform, "a", "b");
    await waitForEvents(platform.deps.db);
    const failing = readEvents(platform.deps, {
      name: "reader",
      handle: async (trx) => {
        await addNote(platform, trx, "undone");
        throw new Error("a bug");
      },
    });
    await expect(failing).rejects.toThrow("a bug");
    expect(await listNotes(platform)).toEqual([]);
    expect(await readOnce(platform)).toEqual(["a", "b"]);
  });

  it("stays before an event of a later version, for a server of that version", async () => {
    await using platform = await createTestPlatform();
    await sql`insert into events (id, type, subject, payload, occurred_at)
      values (${platform.deps.createId()}, 'planet.discovered', 'a planet', '{}', now())`.execute(
      platform.deps.db,
    );
    await expect(readOnce(platform)).rejects.toThrow("planet.discovered");
    await expect(readOnce(platform)).rejects.toThrow("planet.discovered");
  });

  it("that emits gets its own event next time", async () => {
    await using platform = await createTestPlatform();
    await emitAll(platform, "a");
    await waitForEvents(platform.deps.db);
    await readEvents(platform.deps, {
      name: "reader",
      handle: async (trx) => insertEvents(trx, [rowOf(platform, "b")]),
    });
    expect(await readOnce(platform)).toEqual(["b"]);
  });

  it("gets what it had not read, and then what is new, after its dump was restored into another cluster", async () => {
    await using platform = await createTestPlatform();
    const { db } = platform.deps;
    const restored = ["a", "b", "c"].map((subject, index) => ({
      subject,
      transaction: 5_000_000_000 + index,
    }));
    for (const { subject, transaction } of restored) {
      const { id, type, payload, occurred_at } = rowOf(platform, subject);
      await sql`insert into events (id, transaction_id, type, subject, payload, occurred_at)
        values (${id}, ${transaction}, ${type}, ${subject}, ${JSON.stringify(payload)}, ${occurred_at})`.execute(
        db,
      );
    }
    await sql`insert into event_readers (name, transaction_id, sequence, updated_at)
      select 'reader', transaction_id, sequence, now() from events where subject = 'a'`.execute(db);
    await migrate(db);
    expect(await readOnce(platform, { limit: 1 })).toEqual(["b"]);
    await emitAll(platform, "d", "e");
    expect(await readOnce(platform)).toEqual(["c", "d", "e"]);
    expect(await readOnce(platform, { name: "other" })).toEqual(["a", "b", "c", "d", "e"]);
  });
});

function rowOf({ deps }: TestPlatform, subject: string) {
  return { id: deps.createId(), ...registered(subject), occurred_at: deps.clock() };
}

/** A transaction that a test steers step by step. */
interface Writer {
  emit(subject: string): Promise<void>;
  commit(): Promise<unknown>;
  rollback(): Promise<unknown>;
}

/** Begins a transaction, and lets the database give it its id now. */
async function beginWriter(platform: TestPlatform): Promise<Writer> {
  const trx = await platform.deps.db.startTransaction().execute();
  await sql`select pg_current_xact_id()`.execute(trx);
  return {
    emit: (subject) => insertEvents(trx, [rowOf(platform, subject)]),
    commit: () => trx.commit().execute(),
    rollback: () => trx.rollback().execute(),
  };
}

// PGlite runs one transaction at a time.
describe.runIf(inject("databaseEngine") === "postgres")(
  "beside transactions that are still open, a reader",
  () => {
    it("is said to be held by a transaction that has not ended for two minutes, and since when", async () => {
      await using platform = await createTestPlatform();
      const { deps } = platform;
      const held = async () => (await getEventsHeldSince(deps))?.getTime();
      const [holder, writer] = [await beginWriter(platform), await beginWriter(platform)];
      const emittedAt = deps.clock().getTime();
      await writer.emit("waits");
      await writer.commit();
      platform.clock.advance(119_000);
      expect(await held()).toBeUndefined();
      platform.clock.advance(1_000);
      expect(await held()).toBe(emittedAt);
      await holder.rollback();
      await waitForOtherDatabases(deps.db);
      expect(await held()).toBeUndefined();
    });

    it("does not skip an event that is committed late: of two, the first ends last", async () => {
      await using platform = await createTestPlatform();
      const [first, second] = [await beginWriter(platform), await beginWriter(platform)];
      await first.emit("early and late");
      await second.emit("late and early");
      await second.commit();
      expect(await readOnce(platform)).toEqual([]);
      await first.commit();
      expect(await readOnce(platform)).toEqual(["early and late", "late and early"]);
      expect(await readOnce(platform)).toEqual([]);
    });

    it("does not skip an event although its sequence number is the lower one of the later transaction", async () => {
      await using platform = await createTestPlatform();
      const [first, second] = [await beginWriter(platform), await beginWriter(platform)];
      await second.emit("b1");
      await first.emit("a1");
      await second.emit("b2");
      await first.emit("a2");
      await first.commit();
      expect(await readOnce(platform)).toEqual(["a1", "a2"]);
      await second.commit();
      expect(await readOnce(platform)).toEqual(["b1", "b2"]);
    });

    it("gets what is settled, of three, and waits for the rest", async () => {
      await using platform = await createTestPlatform();
      const first = await beginWriter(platform);
      const second = await beginWriter(platform);
      const third = await beginWriter(platform);
      for (const [writer, subject] of [
        [third, "c"],
        [first, "a"],
        [second, "b"],
      ] as const) {
        await writer.emit(subject);
      }
      await third.commit();
      await first.commit();
      expect(await readOnce(platform)).toEqual(["a"]);
      await second.commit();
      expect(await readOnce(platform)).toEqual(["b", "c"]);
    });

    it("goes on once a transaction before it is rolled back, and never sees its events", async () => {
      await using platform = await createTestPlatform();
      const [first, second] = [await beginWriter(platform), await beginWriter(platform)];
      await first.emit("a");
      await second.emit("b");
      await second.commit();
      expect(await readOnce(platform)).toEqual([]);
      await first.rollback();
      expect(await readOnce(platform)).toEqual(["b"]);
    });

    it("gets every event once, a transaction's together and in order, however writers interleave", async () => {
      await using platform = await createTestPlatform();
      const step = fc.record({
        writer: fc.nat({ max: 2 }),
        action: fc.constantFrom("emit", "emit", "commit", "rollback", "read" as const),
      });
      const schedule = fc.record({
        steps: fc.array(step, { maxLength: 25 }),
        limit: fc.integer({ min: 1, max: 3 }),
      });
      let transactions = 0;
      await fc.assert(
        fc.asyncProperty(schedule, async ({ steps, limit }) => {
          const open = new Map<number, Writer & { readonly emitted: string[]; readonly name: string }>();
          const committed = new Map<string, readonly string[]>();
          const read: string[] = [];
          const commit = async (writer: number) => {
            const ending = open.get(writer);
            if (ending === undefined) return;
            open.delete(writer);
            await ending.commit();
            committed.set(ending.name, ending.emitted);
          };
          for (const { writer, action } of steps) {
            if (action === "read") {
              read.push(...(await readOnce(platform, { limit })));
            } else if (action === "commit") {
              await commit(writer);
            } else if (action === "rollback") {
              await open.get(writer)?.rollback();
              open.delete(writer);
            } else {
              const name = `${transactions}`;
              const opened = open.get(writer) ?? { ...(await beginWriter(platform)), emitted: [], name };
              transactions += 1;
              open.set(writer, opened);
              const subject = `${opened.name}:${opened.emitted.length}`;
              await opened.emit(subject);
              opened.emitted.push(subject);
            }
          }
          for (const writer of [...open.keys()]) await commit(writer);
          for (let batch = await readOnce(platform, { limit }); batch.length > 0; ) {
            read.push(...batch);
            batch = await readOnce(platform, { limit });
          }
          const order = [...new Set(read.map((subject) => subject.split(":")[0] ?? ""))];
          expect(read).toEqual(
            order.flatMap((name) => committed.get(name) ?? ["of a transaction that is not there"]),
          );
          expect(order.toSorted()).toEqual([...committed.keys()].toSorted());
        }),
        { seed: 8, numRuns: 40 },
      );
    });

    it("leaves each event to one of the processes that read in its name", async () => {
      await using platform = await createTestPlatform();
      const subjects = Array.from({ length: 30 }, (_, index) => `${index}`);
      for (const subject of subjects) await emitAll(platform, subject);
      const handled: string[] = [];
      const readAll = async () => {
        while (handled.length < subjects.length) handled.push(...(await readOnce(platform, { limit: 3 })));
      };
      await Promise.all([readAll(), readAll(), readAll()]);
      expect(handled.toSorted((a, b) => Number(a) - Number(b))).toEqual(subjects);
    });

    it("does nothing while another process reads in its name, instead of waiting for it", async () => {
      await using platform = await createTestPlatform();
      await emitAll(platform, "a");
      await waitForEvents(platform.deps.db);
      const isReading = Promise.withResolvers<void>();
      const mayEnd = Promise.withResolvers<void>();
      const events: Event[] = [];
      const reading = readEvents(platform.deps, {
        name: "reader",
        handle: async (_trx, batch) => {
          events.push(...batch);
          isReading.resolve();
          await mayEnd.promise;
        },
      });
      await isReading.promise;
      expect(await readOnce(platform)).toEqual([]);
      mayEnd.resolve();
      expect(await reading).toBe(1);
      expect(events.map(({ subject }) => subject)).toEqual(["a"]);
    });
  },
);
