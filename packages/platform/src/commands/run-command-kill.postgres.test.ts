import type { Database } from "@obsqra/db";
import { type Break, openBreakingDatabase } from "@obsqra/db/testing";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createTestPlatform, type TestPlatform, testRequest } from "../testing/index.ts";
import { defineCommand } from "./command.ts";
import { type CommandDependencies, runCommand } from "./run-command.ts";

/** Reads before it writes, writes twice, and tells of it twice. */
const addNote = defineCommand({
  plan: async ({ db, createId, clock }: CommandDependencies, input: { readonly subject: string }) => {
    await sql`select count(*) from auth_throttle`.execute(db);
    return { ...input, id: createId(), now: clock() };
  },
  write: async (trx, { subject, id, now }, emit) => {
    const row = { attempts: 1, next_attempt_at: now, reset_at: now };
    await trx
      .insertInto("auth_throttle")
      .values({ ...row, key: Buffer.from(`${subject} 1`) })
      .execute();
    await trx
      .insertInto("auth_throttle")
      .values({ ...row, key: Buffer.from(`${subject} 2`) })
      .execute();
    for (let index = 0; index < 2; index++) {
      emit({ type: "user.registered", subject, owner_id: null, payload: {} });
    }
    return { id };
  },
});

function call({ deps }: TestPlatform, db: Database, subject: string, key?: string): Promise<unknown> {
  const request = testRequest({ idempotency_key: key });
  return runCommand(
    addNote,
    { ...deps, db, request },
    {
      path: "notes.add",
      input: { subject },
      sent: { subject },
      output: z.object({ id: z.string() }),
    },
  );
}

/** How much of it is there: what was written, and the events. */
async function countEffects({ deps }: TestPlatform, subject: string): Promise<[number, number]> {
  const notes = await deps.db.selectFrom("auth_throttle").select("key").execute();
  const events = await deps.db.selectFrom("events").select("id").where("subject", "=", subject).execute();
  return [
    notes.filter(({ key }) => Buffer.from(key).toString().startsWith(`${subject} `)).length,
    events.length,
  ];
}

const breaks = (["connection", "process"] as const).flatMap((loses) =>
  (["before", "during", "after"] as const).map((moment) => ({ loses, moment })),
);

/** Calls it with a break at every statement in turn, until one call goes through; gives how many did not. */
async function breakEverywhere(
  platform: TestPlatform,
  at: Omit<Break, "statement">,
  check: (broken: { db: Database; settle: () => Promise<void>; name: string }) => Promise<void>,
): Promise<number> {
  const url = platform.database.url ?? "";
  for (let statement = 1; ; statement++) {
    await using broken = openBreakingDatabase(url, { ...at, statement });
    await check({ db: broken.db, settle: broken.waitUntilSettled, name: `${statement}` });
    if (!broken.hasBroken()) return statement - 1;
  }
}

// PGlite has no connection that could be cut off: it ends with its process.
describe("a command that loses", () => {
  it.each(breaks)(
    "its $loses $moment any statement is done once when it is asked for again with its key",
    async (at) => {
      await using platform = await createTestPlatform();
      const statements = await breakEverywhere(platform, at, async ({ db, settle, name }) => {
        const first = await call(platform, db, name, name).catch(() => undefined);
        await settle();
        const second = await call(platform, platform.deps.db, name, name);
        if (first !== undefined) expect(second, name).toEqual(first);
        expect(await call(platform, platform.deps.db, name, name), name).toEqual(second);
        expect(await countEffects(platform, name), name).toEqual([2, 2]);
      });
      // The stored reply is looked for, plan reads; two rows, begin with the first; key, reply and events with commit.
      expect(statements).toBe(5);
    },
  );

  it.each(breaks)(
    "its $loses $moment any statement is done as a whole or not at all, without a key",
    async (at) => {
      await using platform = await createTestPlatform();
      const outcomes: string[] = [];
      const statements = await breakEverywhere(platform, at, async ({ db, settle, name }) => {
        const first = await call(platform, db, name).catch(() => undefined);
        await settle();
        const [notes, events] = await countEffects(platform, name);
        expect(
          [
            [0, 0],
            [2, 2],
          ],
          name,
        ).toContainEqual([notes, events]);
        if (first !== undefined) expect(notes, name).toBe(2);
        outcomes.push(notes === 2 ? "all" : "nothing");
      });
      // Plan reads; a row with begin, another one, events with commit.
      expect(statements).toBe(4);
      expect(outcomes.slice(0, 3)).toEqual(Array(3).fill("nothing"));
      expect(outcomes.at(-1)).toBe("all");
    },
  );
});
