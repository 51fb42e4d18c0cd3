import { startPostgres } from "@obsqra/db/testing";
import { expect, it, vi } from "vitest";
import { startPeople } from "./people.ts";
import { startReplicas } from "./start-replicas.ts";
import { untilJobsRan } from "./until-jobs-ran.ts";

const minuteMs = 60_000;

it("loses nothing, turns nobody away and runs each job once while servers and workers are killed and replaced", {
  timeout: 600_000,
}, async () => {
  await using postgres = await startPostgres();
  // Not at the edge of a minute: clocks that are moved one after the other would differ about it.
  let now = new Date("2026-03-01T12:30:05Z");
  await using replicas = await startReplicas(postgres.url("postgres"), { at: now });
  await using people = await startPeople({ url: replicas.balancer.url, count: 4, retriesUnavailable: false });
  const anHourLater = async () => {
    now = new Date(now.getTime() + 60 * minuteMs);
    await replicas.moveClocks(now);
  };
  const underLoad = async () => {
    const before = people.acknowledged();
    await vi.waitUntil(() => people.acknowledged() >= before + 200, { timeout: 120_000 });
  };
  for (const number of [0, 1]) {
    await underLoad();
    await anHourLater();
    await replicas.replace("server", number, "SIGKILL");
    await replicas.replace("worker", number, "SIGKILL");
  }
  for (const number of [0, 1, 2]) {
    await underLoad();
    await anHourLater();
    await replicas.replace("server", number, "SIGTERM");
    if (number < 2) await replicas.replace("worker", number, "SIGTERM");
  }
  await replicas.untilAllServe();
  await underLoad();
  expect(await people.stop()).toEqual({ failed: [], lost: [], surplus: [], wasToldAll: true });
  expect(await untilJobsRan(postgres.url("postgres"), now)).toEqual([]);
});
