import { waitForEvents } from "@obsqra/db/testing";
import { sql } from "kysely";
import { describe, expect, inject, it, vi } from "vitest";
import { writeTransaction } from "../commands/write-transaction.ts";
import type { Event, EventPosition } from "../events/event.ts";
import { getEventsAfter } from "../events/event-reader.ts";
import { insertEvents } from "../events/events.queries.ts";
import { createTestPlatform, recordStatements, type TestPlatform } from "../testing/index.ts";
import { createEventFeed, type EventFeedOptions } from "./event-feed.ts";
import type { Follower } from "./follower.ts";

const everything = () => true;

function openFeed({ deps }: TestPlatform, options: EventFeedOptions = {}) {
  return createEventFeed(deps, { pollMs: 2, ...options });
}

async function emitAll({ deps }: TestPlatform, ...subjects: readonly string[]): Promise<void> {
  await writeTransaction(deps, async (_trx, emit) => {
    for (const subject of subjects) emit({ type: "user.registered", subject, owner_id: null, payload: {} });
  });
}

/** Reads until so many events have come. */
async function take(follower: Follower, count: number): Promise<Event[]> {
  const events: Event[] = [];
  while (events.length < count) {
    const batch = await follower.next();
    if (batch === undefined) break;
    events.push(...batch.events);
  }
  return events;
}

function subjectsOf(events: readonly Event[]): string[] {
  return events.map(({ subject }) => subject);
}

async function positionsOf({ deps }: TestPlatform): Promise<EventPosition[]> {
  await waitForEvents(deps.db);
  return (await getEventsAfter(deps, { transaction_id: "0", sequence: "0" }, 10_000)).map(
    ({ position }) => position,
  );
}

describe("whoever follows events", () => {
  it("from now on gets none from before, and each afterwards once and in order", async () => {
    await using platform = await createTestPlatform();
    await emitAll(platform, "before");
    await waitForEvents(platform.deps.db);
    const follower = await openFeed(platform).follow({ wants: everything });
    await emitAll(platform, "a", "b");
    await emitAll(platform, "c");
    expect(subjectsOf(await take(follower, 3))).toEqual(["a", "b", "c"]);
    follower.close();
  });

  it("after an event gets everything since, from the database and then from the feed", async () => {
    await using platform = await createTestPlatform();
    await emitAll(platform, "a", "b", "c");
    const [first] = await positionsOf(platform);
    const feed = openFeed(platform);
    const follower = await feed.follow({ after: first, wants: everything });
    expect(subjectsOf(await take(follower, 2))).toEqual(["b", "c"]);
    await emitAll(platform, "d");
    expect(subjectsOf(await take(follower, 1))).toEqual(["d"]);
    follower.close();
  });

  it("gets only what it wants, and knows how far it has come with the rest", async () => {
    await using platform = await createTestPlatform();
    const feed = openFeed(platform);
    const follower = await feed.follow({ wants: ({ subject }) => subject === "mine" });
    await emitAll(platform, "another's", "mine", "another's");
    const batch = await follower.next();
    expect(subjectsOf(batch?.events ?? [])).toEqual(["mine"]);
    expect(batch?.position).toEqual((await positionsOf(platform)).at(-1));
    follower.close();
  });

  it("catches up on its owner's events and everybody's, and reads nobody else's for it", async () => {
    await using platform = await createTestPlatform();
    const [mine, another] = [platform.deps.createId(), platform.deps.createId()];
    await emitAll(platform, "first");
    const emitFor = (owner_id: string | null, subjects: readonly string[]) =>
      writeTransaction(platform.deps, async (_trx, emit) => {
        for (const subject of subjects) emit({ type: "user.registered", subject, owner_id, payload: {} });
      });
    // More than a page of what is not read, before, between and after.
    const many = Array.from({ length: 600 }, () => "another's");
    await emitFor(another, many);
    await emitFor(mine, ["mine"]);
    await emitFor(another, many);
    await emitFor(null, ["everybody's"]);
    await emitFor(another, many);
    const positions = await positionsOf(platform);
    const seen = vi.fn(() => true);
    const follower = await openFeed(platform).follow({ after: positions[0], owner_id: mine, wants: seen });
    expect(subjectsOf(await take(follower, 2))).toEqual(["mine", "everybody's"]);
    expect(seen).toHaveBeenCalledTimes(2);
    const next = follower.next();
    await emitFor(mine, ["later"]);
    const batch = await next;
    expect(subjectsOf(batch?.events ?? [])).toEqual(["later"]);
    expect(batch?.position).toEqual((await positionsOf(platform)).at(-1));
    follower.close();
  });

  it("catches up page by page, one page at a time for all, and whoever has gone is not read for", async () => {
    await using platform = await createTestPlatform();
    await emitAll(platform, "first", ...Array.from({ length: 1_200 }, (_, index) => `event-${index}`));
    const [first] = await positionsOf(platform);
    const feed = openFeed(platform);
    const follow = () => feed.follow({ after: first, wants: everything });
    const [a, b, gone] = await Promise.all([follow(), follow(), follow()]);
    const nothing = gone.next();
    gone.close();
    const pages: string[] = [];
    const readAll = async (name: string, follower: Follower) => {
      for (let count = 0; count < 1_200; pages.push(name))
        count += (await follower.next())?.events.length ?? 0;
    };
    await Promise.all([readAll("a", a), readAll("b", b)]);
    expect(pages).toEqual(["a", "b", "a", "b", "a", "b"]);
    expect(await nothing).toBeUndefined();
    a.close();
    b.close();
  });

  it("is told where it stands when it is woken without an event", async () => {
    await using platform = await createTestPlatform();
    const follower = await openFeed(platform).follow({ wants: everything });
    const next = follower.next();
    follower.wake();
    expect(await next).toEqual({ events: [], position: follower.start });
    follower.close();
  });

  it("loses nothing and gets nothing twice, however often it goes away and comes back while others write", {
    timeout: 120_000,
  }, async () => {
    await using platform = await createTestPlatform();
    const feed = openFeed(platform);
    const total = 300;
    const first = await feed.follow({ wants: everything });
    const { start } = first;
    first.close();
    const writing = (async () => {
      for (let number = 0; number < total; number += 3) {
        await emitAll(platform, `${number}`, `${number + 1}`, `${number + 2}`);
      }
    })();
    /** Reads a few batches, goes away, and comes back after the last event, as a browser does. */
    const wander = async (batches: number) => {
      const subjects: string[] = [];
      let after = start;
      while (subjects.length < total) {
        const follower = await feed.follow({ after, wants: everything });
        for (let read = 0; read < batches && subjects.length < total; read += 1) {
          const batch = await follower.next();
          subjects.push(...subjectsOf(batch?.events ?? []));
          after = batch?.position ?? after;
        }
        follower.close();
      }
      return subjects;
    };
    const readers = await Promise.all([wander(1), wander(2), wander(7), wander(1_000)]);
    await writing;
    const written = Array.from({ length: total }, (_, number) => `${number}`);
    for (const subjects of readers) expect(subjects).toEqual(written);
  });

  it("too slowly is cut off with an error that says so, and goes on from its last event", async () => {
    await using platform = await createTestPlatform();
    const feed = openFeed(platform, { waitingMax: 5 });
    const slow = await feed.follow({ wants: everything });
    const quick = await feed.follow({ wants: everything });
    await emitAll(platform, "a");
    const [last] = await take(slow, 1);
    const written = ["a", "b", "c", "d", "e", "f", "g"];
    expect(subjectsOf(await take(quick, 1))).toEqual(["a"]);
    for (const [from, to] of [
      [1, 4],
      [4, 7],
    ]) {
      await emitAll(platform, ...written.slice(from, to));
      expect(subjectsOf(await take(quick, 3))).toEqual(written.slice(from, to));
    }
    await expect(take(slow, 1)).rejects.toMatchObject({ code: "STREAM_TOO_SLOW" });
    quick.close();
    const again = await feed.follow({ after: last?.position, wants: everything });
    expect(subjectsOf(await take(again, 6))).toEqual(["b", "c", "d", "e", "f", "g"]);
    again.close();
  });

  it("gets what waits before it is ended, and then the reason", async () => {
    await using platform = await createTestPlatform();
    const follower = await openFeed(platform).follow({ wants: ({ subject }) => subject !== "unwanted" });
    const other = await openFeed(platform).follow({ wants: everything });
    await emitAll(platform, "a");
    await take(other, 1);
    other.close();
    expect(subjectsOf(await take(follower, 1))).toEqual(["a"]);
    follower.end();
    expect(await follower.next()).toBeUndefined();
  });

  it.each([
    ["of the future", { transaction_id: "999999999999999999", sequence: "1" }],
    ["that too many others have followed", { transaction_id: "0", sequence: "0" }],
  ])("cannot go on after an event %s", async (_name, after) => {
    await using platform = await createTestPlatform();
    await emitAll(platform, "a", "b", "c", "d");
    await waitForEvents(platform.deps.db);
    const feed = openFeed(platform, { resumableMax: 3 });
    const following = feed.follow({ after, wants: everything });
    await expect(following).rejects.toMatchObject({ code: "EVENT_ID_INVALID" });
  });

  it("gets nothing of an event that only a later version knows, and what comes after it", async () => {
    await using platform = await createTestPlatform();
    const follower = await openFeed(platform).follow({ wants: everything });
    await sql`insert into events (id, type, subject, payload, occurred_at)
      values (${platform.deps.createId()}, 'planet.discovered', 'a planet', '{}', now())`.execute(
      platform.deps.db,
    );
    await emitAll(platform, "a");
    expect(subjectsOf(await take(follower, 1))).toEqual(["a"]);
    follower.close();
  });
});

describe("the feed", () => {
  it("reads once for all who follow, and nothing when nobody does", async () => {
    await using platform = await createTestPlatform();
    const { db, statements } = recordStatements(platform.deps.db);
    const feed = createEventFeed({ ...platform.deps, db }, { pollMs: 2 });
    const followers = await Promise.all(Array.from({ length: 50 }, () => feed.follow({ wants: everything })));
    await emitAll(platform, "a");
    for (const follower of followers) expect(subjectsOf(await take(follower, 1))).toEqual(["a"]);
    const looks = () => statements.filter((text) => text.includes("from events")).length;
    const last = followers.pop();
    for (const follower of followers) follower.close();
    // It goes on for the one who is left, and looks no more often than one by one.
    await emitAll(platform, "b");
    await take(last as Follower, 1);
    last?.close();
    const whenAllHadLeft = looks();
    await emitAll(platform, "c");
    await waitForEvents(platform.deps.db);
    // What had begun may still end.
    expect(looks() - whenAllHadLeft).toBeLessThanOrEqual(1);
  });
});

// PGlite runs one transaction at a time.
describe.runIf(inject("databaseEngine") === "postgres")("beside transactions that are still open", () => {
  it("an event that is committed late is not lost: of two, the first ends last", async () => {
    await using platform = await createTestPlatform();
    const { db } = platform.deps;
    const feed = openFeed(platform);
    const follower = await feed.follow({ wants: everything });
    const [early, late] = [await db.startTransaction().execute(), await db.startTransaction().execute()];
    const rowOf = (subject: string) => ({
      id: platform.deps.createId(),
      type: "user.registered" as const,
      subject,
      owner_id: null,
      payload: {},
      occurred_at: platform.clock(),
    });
    await insertEvents(early, [rowOf("early")]);
    await insertEvents(late, [rowOf("late")]);
    await late.commit().execute();
    // Whoever goes on now, in the middle, gets both as well.
    const other = await feed.follow({ after: follower.start, wants: everything });
    await early.commit().execute();
    for (const each of [follower, other]) {
      expect(subjectsOf(await take(each, 2))).toEqual(["early", "late"]);
      each.close();
    }
  });
});
