import { openDatabase, readSchemaState } from "@obsqra/db";
import { startPostgres } from "@obsqra/db/testing";
import { expect, it, vi } from "vitest";
import { checkOutPrevious } from "./check-out-previous.ts";
import { startPeople } from "./people.ts";
import { startReplicas } from "./start-replicas.ts";
import { untilJobsRan } from "./until-jobs-ran.ts";

it("is put in the place of the version before, one server after the other, while both serve and migrations run", {
  timeout: 600_000,
}, async () => {
  await using previous = await checkOutPrevious();
  await using postgres = await startPostgres();
  const url = postgres.url("postgres");
  let now = new Date("2026-03-01T12:30:05Z");
  await using replicas = await startReplicas(url, { at: now, root: previous.root });
  const database = await openDatabase({ url });
  await using people = await startPeople({ url: replicas.balancer.url, count: 4, retriesUnavailable: false });
  const underLoad = async () => {
    const before = people.acknowledged();
    await vi.waitUntil(() => people.acknowledged() >= before + 200, { timeout: 120_000 });
  };
  expect(await readSchemaState(database.db)).toBe("older");
  await underLoad();
  for (const number of [0, 1, 2]) {
    await replicas.replace("server", number, "SIGTERM");
    expect(await readSchemaState(database.db)).toBe("current");
    await underLoad();
    if (number < 2) await replicas.replace("worker", number, "SIGTERM");
    now = new Date(now.getTime() + 60 * 60_000);
    await replicas.moveClocks(now);
    await underLoad();
  }
  await replicas.untilAllServe();
  expect(await people.stop()).toEqual({ failed: [], lost: [], surplus: [], wasToldAll: true });
  expect(await untilJobsRan(url, now)).toEqual([]);
  await database.close();
});
