import { setTimeout } from "node:timers/promises";
import { findQueueSchema, queueDatabase } from "@obsqra/db";
import { PgBoss } from "pg-boss";
import { expect, inject, it, vi } from "vitest";
import { z } from "zod";
import { createTestPlatform, type TestPlatform } from "../testing/index.ts";
import { type AnyJob, defineJob } from "./job.ts";
import { setPaused } from "./job-schedules.queries.ts";
import { type RunningJobs, runJobs } from "./run-jobs.ts";

const hourMs = 60 * 60 * 1000;

/** Runs jobs as a process does. */
function run(platform: TestPlatform, jobs: readonly AnyJob<object>[]): Promise<RunningJobs> {
  const { db, clock, log } = platform.deps;
  return runJobs({ db, clock, log, engine: inject("databaseEngine"), jobs, deps: {}, tickMs: 5 });
}

/** A job of every hour that notes when it ran. */
function hourly(platform: TestPlatform, ran: Date[]): AnyJob<object> {
  return defineJob({
    name: "test.hourly",
    summary: "Notes the time.",
    schema: z.strictObject({}),
    schedule: "0 * * * *",
    run: async () => {
      ran.push(platform.clock());
      return { runs: ran.length };
    },
  });
}

/** What the queue has of a job, oldest first. */
async function listRuns({ deps: { db } }: TestPlatform, name: string) {
  const boss = new PgBoss({
    db: queueDatabase(db),
    backend: inject("databaseEngine"),
    schema: await findQueueSchema(db),
    migrate: false,
    schedule: false,
    supervise: false,
    registerInstance: false,
  });
  await boss.start();
  const jobs = await boss.findJobs(name);
  await boss.stop();
  return jobs;
}

async function untilCompleted(platform: TestPlatform, name: string, count: number): Promise<void> {
  await vi.waitUntil(async () => {
    const runs = await listRuns(platform, name);
    return runs.filter(({ state }) => state === "completed").length === count;
  }, 30_000);
}

it("runs a job once for each moment of its schedule, whichever of two processes takes it", async () => {
  await using platform = await createTestPlatform();
  const ran: Date[] = [];
  await using _first = await run(platform, [hourly(platform, ran)]);
  await using _second = await run(platform, [hourly(platform, ran)]);
  for (const count of [1, 2, 3]) {
    await untilCompleted(platform, "test.hourly", count);
    expect(ran).toHaveLength(count);
    platform.clock.advance(hourMs);
  }
  await untilCompleted(platform, "test.hourly", 4);
  expect(ran).toHaveLength(4);
});

it("runs once for all moments that nobody was there for, and not again for one that was taken", async () => {
  await using platform = await createTestPlatform();
  const ran: Date[] = [];
  for (const advance of [0, 0, 50 * hourMs]) {
    platform.clock.advance(advance);
    await using _jobs = await run(platform, [hourly(platform, ran)]);
    await untilCompleted(platform, "test.hourly", advance === 0 ? 1 : 2);
  }
  expect(ran).toHaveLength(2);
});

it.each([1, 100])("goes on when the clock was set back by %i hours", async (hours) => {
  await using platform = await createTestPlatform();
  const ran: Date[] = [];
  await using _jobs = await run(platform, [hourly(platform, ran)]);
  await untilCompleted(platform, "test.hourly", 1);
  platform.clock.advance(-hours * hourMs);
  await untilCompleted(platform, "test.hourly", 2);
});

it("does not send a paused job by its schedule, but when it is asked to", async () => {
  await using platform = await createTestPlatform();
  await setPaused(platform.deps.db, "test.hourly", platform.clock());
  const ran: Date[] = [];
  await using jobs = await run(platform, [hourly(platform, ran)]);
  await setTimeout(50);
  expect(ran).toHaveLength(0);
  expect(await jobs.send("test.hourly")).toBe(true);
  await untilCompleted(platform, "test.hourly", 1);
});

it("lets one run follow the one that is under way, however often it is sent meanwhile, and keeps what each has returned", async () => {
  await using platform = await createTestPlatform();
  const gate = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const slow = defineJob({
    name: "test.slow",
    summary: "Waits.",
    schema: z.strictObject({ count: z.int() }),
    run: async (_deps: object, { data: { count } }) => {
      started.resolve();
      await gate.promise;
      return { doubled: 2 * count };
    },
  });
  await using jobs = await run(platform, [slow]);
  expect(await jobs.send("test.slow", { count: 4 })).toBe(true);
  await started.promise;
  expect(await jobs.send("test.slow", { count: 5 })).toBe(true);
  expect(await jobs.send("test.slow", { count: 6 })).toBe(false);
  expect((await listRuns(platform, "test.slow")).map(({ state }) => state)).toEqual(["active", "created"]);
  gate.resolve();
  await untilCompleted(platform, "test.slow", 2);
  expect(await listRuns(platform, "test.slow")).toMatchObject([
    { output: { doubled: 8 } },
    { output: { doubled: 10 } },
  ]);
  await expect(jobs.send("test.unknown")).rejects.toThrow("There is no job test.unknown.");
});

it("sends what a job asks for when it has something for another", async () => {
  await using platform = await createTestPlatform();
  const second = defineJob({
    name: "test.second",
    summary: "Comes after the first.",
    schema: z.strictObject({ from: z.string() }),
    run: async (_deps: object, { data }) => data,
  });
  const first = defineJob({
    name: "test.first",
    summary: "Sends the second.",
    schema: z.strictObject({}),
    run: async (_deps: object, { send }) => {
      await send("test.second", { from: "first" });
      return undefined;
    },
  });
  await using jobs = await run(platform, [first, second]);
  await jobs.send("test.first");
  await untilCompleted(platform, "test.second", 1);
  expect(await listRuns(platform, "test.second")).toMatchObject([{ output: { from: "first" } }]);
});

it("repeats a run that has failed, and says so in the log", async () => {
  await using platform = await createTestPlatform();
  const failing = defineJob({
    name: "test.failing",
    summary: "Fails.",
    schema: z.strictObject({}),
    run: async () => {
      throw new Error("out of luck");
    },
  });
  await using jobs = await run(platform, [failing]);
  await jobs.send("test.failing");
  await vi.waitUntil(async () => (await listRuns(platform, "test.failing"))[0]?.state === "retry", 30_000);
  expect(platform.logged).toMatchObject([
    { message: "A job has failed.", facts: { job: "test.failing", err: { message: "out of luck" } } },
  ]);
  const [waiting] = await listRuns(platform, "test.failing");
  expect(waiting).toMatchObject({ retryLimit: 5, output: { message: "out of luck" } });
});

it("tells a run that it should end when the process stops, and repeats it", async () => {
  await using platform = await createTestPlatform();
  const started = Promise.withResolvers<void>();
  const endless = defineJob({
    name: "test.endless",
    summary: "Runs until it is told to stop.",
    schema: z.strictObject({}),
    run: async (_deps: object, { signal }) => {
      started.resolve();
      await setTimeout(600_000, undefined, { signal });
      return undefined;
    },
  });
  const jobs = await run(platform, [endless]);
  await jobs.send("test.endless");
  await started.promise;
  await jobs.close();
  await jobs.close();
  expect(await listRuns(platform, "test.endless")).toMatchObject([{ state: "retry" }]);
  expect(platform.logged).toEqual([]);
});

it("waits no longer than it would between two looks when the clock is set back by a month during a run", async () => {
  await using platform = await createTestPlatform();
  const warnings: string[] = [];
  const note = ({ name }: Error) => void warnings.push(name);
  process.on("warning", note);
  const job = defineJob({
    name: "test.back",
    summary: "Sets the clock back.",
    schema: z.strictObject({}),
    run: async () => {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 30 * 24 * hourMs });
      return undefined;
    },
  });
  try {
    await using jobs = await run(platform, [job]);
    await jobs.send("test.back");
    await vi.waitUntil(() => vi.isFakeTimers(), 30_000);
    await untilCompleted(platform, "test.back", 1);
    expect(warnings).not.toContain("TimeoutOverflowWarning");
  } finally {
    vi.useRealTimers();
    process.off("warning", note);
  }
});

it("gives a run all the time that its job may take, however often workers look for others", async () => {
  await using platform = await createTestPlatform();
  const waits = vi.spyOn(globalThis, "setTimeout");
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const long = defineJob({
    name: "test.long",
    summary: "Takes its time.",
    schema: z.strictObject({}),
    expireSeconds: 1234,
    run: async () => {
      started.resolve();
      await gate.promise;
      return undefined;
    },
  });
  try {
    await using jobs = await run(platform, [long]);
    await jobs.send("test.long");
    await started.promise;
    // By this timer the run would be given up.
    await vi.waitUntil(() => waits.mock.calls.some(([, ms]) => ms === 1_234_000), 30_000);
    gate.resolve();
    await untilCompleted(platform, "test.long", 1);
  } finally {
    waits.mockRestore();
  }
});
