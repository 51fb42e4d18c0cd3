import { type OpenDatabase, openDatabase } from "@obsqra/db";
import { listJobs } from "@obsqra/features";
import { getJobRuns, newestSlot } from "@obsqra/platform";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { findFreePort } from "../find-free-port.ts";
import { readSamples } from "../metrics/read-samples.ts";
import { type SharedDatabase, startSharedDatabase } from "./shared-database.ts";
import { ask, type ServerProcess, signIn, spawnServer } from "./spawn-server.ts";

const minuteMs = 60_000;
/** In the short form one: that several serve the same is tested in `postgres-servers`. */
const serverCount = inject("isLong") ? 2 : 1;
const scheduled = listJobs(
  { name: "file:" },
  { hasChain: false, hasRiskEngine: false, hasLogAnchor: false },
).flatMap(({ name, schedule }) => (schedule === undefined ? [] : [{ name, schedule }]));

describe("servers that leave their jobs to a worker", () => {
  const running: ServerProcess[] = [];
  let shared: SharedDatabase;
  let database: OpenDatabase;
  let metricsPort = 0;
  // Not at the edge of a minute: clocks that are moved one after the other would differ about it.
  let now = new Date("2026-03-01T12:30:05Z");

  const start = async (script: "start" | "start:worker") => {
    if (script === "start:worker") metricsPort = await findFreePort();
    const variables = {
      ...shared.variables,
      JOBS: "elsewhere",
      ...(script === "start:worker" && { METRICS_PORT: String(metricsPort) }),
    };
    const started = await spawnServer(shared.folder, variables, { script, at: now });
    running.push(started);
    return started;
  };
  const startWorker = async () => {
    const worker = await start("start:worker");
    await worker.until(/Running jobs and delivering mail\./);
    return worker;
  };
  const moveTo = async (moment: Date) => {
    now = moment;
    await Promise.all(running.map((each) => each.moveClock(now)));
  };
  /** The runs of each job for the newest moment of its schedule. */
  const runsOfNow = () =>
    Promise.all(
      scheduled.map(async ({ name, schedule }) => {
        const slot = newestSlot(schedule, now)?.getTime();
        const runs = await getJobRuns(database, name, 1_000);
        return runs.filter(({ scheduled_for }) => scheduled_for?.getTime() === slot);
      }),
    );
  const untilAllRan = () =>
    vi.waitUntil(
      async () => (await runsOfNow()).every((runs) => runs.some(({ state }) => state === "completed")),
      // What was under way in a worker that was killed is taken back after a minute and a half.
      { timeout: 280_000, interval: 100 },
    );

  beforeAll(async () => {
    shared = await startSharedDatabase("enough");
    // One after the other into the list, which says by its order who is who; they do their starting at once.
    for (let count = 0; count < serverCount; count += 1) await start("start");
    await startWorker();
    database = await openDatabase({ url: shared.postgres.url("postgres") });
  });
  afterAll(async () => {
    await database.close();
    await Promise.all(running.map((each) => each[Symbol.asyncDispose]()));
    await shared[Symbol.asyncDispose]();
  });

  it("are watched beside the worker, which shows what it does and how the service goes", async () => {
    const metrics = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
    const samples = readSamples(await metrics.text());
    expect(samples.get("obsqra_service_figures_up")).toBe(1);
    expect(samples.get('obsqra_check{check="database"}')).toBe(1);
    expect(samples.get("obsqra_background_statements_total")).toBeGreaterThan(0);
  });

  it("serve what the worker has loaded and forecast", async () => {
    for (const server of running.slice(0, serverCount)) {
      const url = await server.listening();
      expect(server.output()).not.toContain("Loading market history");
      expect(server.output()).toContain("Jobs and mail are left to a worker");
      expect(server.output()).not.toContain("Mail is written to files");
      await vi.waitUntil(async () => (await ask(url, "/ready")).status === 200, 60_000);
      expect(await (await signIn(url))("/predictions/yield-forecast")).toMatchObject({ status: 200 });
    }
    expect(running.at(serverCount)?.output()).toContain("Mail is written to files");
  });

  it("have each moment of each job run once, with one worker, with two, and when one of them is killed", async () => {
    await untilAllRan();
    // In the short form, one worker alone has run what was due at the start.
    const steps = inject("isLong") ? ["one", "two", "killed"] : ["two"];
    for (const step of steps) {
      if (step === "two") await startWorker();
      if (step === "killed") {
        running.at(serverCount)?.kill("SIGKILL");
        await running.splice(serverCount, 1)[0]?.exited();
      }
      await moveTo(new Date(now.getTime() + 60 * minuteMs));
      await untilAllRan();
    }
    for (const { name } of scheduled) {
      const runs = await getJobRuns(database, name, 1_000);
      const slots = runs.flatMap(({ scheduled_for }) => scheduled_for?.toISOString() ?? []);
      // The mail of the day has a moment a day, the others have one an hour at least.
      expect(slots.length).toBeGreaterThanOrEqual(name === "alerts.digest" ? 1 : steps.length + 1);
      expect(new Set(slots).size, name).toBe(slots.length);
    }
  });

  it("say which jobs are late once nobody runs them, and go on serving", async () => {
    for (const worker of running.splice(serverCount)) {
      worker.kill("SIGTERM");
      expect(await worker.exited()).toBe(0);
    }
    // Of each job, a moment is more than five minutes past.
    await moveTo(new Date(now.getTime() + (24 * 60 + 10) * minuteMs));
    for (const server of running) {
      const { status, body } = await ask(await server.listening(), "/ready");
      expect(status).toBe(200);
      expect(body).toMatchObject({
        checks: { jobs: "late" },
        late_jobs: scheduled.map(({ name }) => name).sort(),
      });
    }
  });
});
