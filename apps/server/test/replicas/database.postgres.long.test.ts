import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PostgresProcess, startPostgresProcess, startProxy, startStandby } from "@obsqra/db/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type People, startPeople } from "./people.ts";
import { type Replicas, startReplicas } from "./start-replicas.ts";
import { untilJobsRan } from "./until-jobs-ran.ts";

/** A disk of its own, which can be filled, takes an administrator of Linux. */
const mayMount = process.platform === "linux" && process.getuid?.() === 0;

describe.skipIf(process.platform !== "linux")("three servers and two workers whose Postgres", () => {
  const folder = mkdtempSync(join(tmpdir(), "obsqra-replicas-"));
  // Not at the edge of a minute: clocks that are moved one after the other would differ about it.
  let now = new Date("2026-03-01T12:30:05Z");
  const stack = new AsyncDisposableStack();
  let postgres: PostgresProcess;
  let standby: PostgresProcess;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let replicas: Replicas;
  let people: People;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    if (mayMount) {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=500m,mode=755", "none", folder]);
      stack.defer(() => void execFileSync("umount", ["--lazy", folder]));
    }
    postgres = stack.use(await startPostgresProcess(folder));
    proxy = stack.use(await startProxy(postgres.url));
    replicas = stack.use(await startReplicas(proxy.url, { at: now }));
    people = stack.use(await startPeople({ url: replicas.balancer.url, count: 4, retriesUnavailable: true }));
  });
  afterAll(() => stack.disposeAsync());

  const underLoad = async () => {
    const before = [people.acknowledged(), people.served()];
    const counts = () => [people.acknowledged(), people.served()];
    await vi.waitUntil(() => counts().every((count, index) => count >= (before[index] ?? 0) + 40), {
      timeout: 120_000,
    });
  };
  /** How many were turned away, until now. */
  const turnedAway = () => [...people.turnedAway.values()].reduce((sum, count) => sum + count, 0);
  const untilTurnedAway = async () => {
    const before = turnedAway();
    await vi.waitUntil(() => turnedAway() > before, { timeout: 60_000 });
  };

  const readDatabaseState = async () => {
    const response = await fetch(`${replicas.balancer.url}/ready`);
    const { checks } = (await response.json()) as { checks: { database: string } };
    return checks.database;
  };

  it("is started again", async () => {
    await underLoad();
    await postgres.stop();
    await untilTurnedAway();
    await postgres.start();
    await underLoad();
  });

  it("crashes", async () => {
    await postgres.kill();
    await untilTurnedAway();
    await postgres.start();
    await underLoad();
  });

  it("stands still and goes on", async () => {
    postgres.freeze();
    await untilTurnedAway();
    postgres.thaw();
    await underLoad();
  });

  it.skipIf(!mayMount)("has no room on its disk, while what is there can be read", async () => {
    const filler = await fillDisk(join(folder, "filler"));
    await vi.waitUntil(async () => (await readDatabaseState()) === "disk full", { timeout: 60_000 });
    const before = people.served();
    await vi.waitUntil(() => people.served() > before + 40, { timeout: 60_000 });
    expect(await readDatabaseState()).toBe("disk full");
    rmSync(filler);
    await underLoad();
    expect(await readDatabaseState()).toBe("up");
  });

  it.skipIf(!mayMount)("gives up for want of room for its log, until it is started again", async () => {
    const filler = await fillDisk(join(folder, "filler"));
    await vi.waitUntil(
      () =>
        postgres.run("select pg_create_restore_point('here'), pg_switch_wal()").then(
          () => false,
          () => true,
        ),
      { timeout: 60_000, interval: 1 },
    );
    await untilTurnedAway();
    rmSync(filler);
    await postgres.start();
    await underLoad();
  });

  it("is lost, with a standby in its place that has what was acknowledged", async () => {
    standby = stack.use(await startStandby(postgres, mayMount ? tmpdir() : folder));
    await postgres.run("alter system set synchronous_standby_names = '*'");
    await postgres.run("select pg_reload_conf()");
    await vi.waitUntil(async () => {
      const [row] = await postgres.run("select sync_state from pg_stat_replication");
      return row?.sync_state === "sync";
    }, 30_000);
    await underLoad();
    await postgres.kill();
    await standby.run("select pg_promote()");
    proxy.leadTo(standby.url);
    await underLoad();
  });

  // The last one: it ends the load.
  it("has kept all that was acknowledged, once, and told of it, and each refusal said when to come again", async () => {
    expect(await people.stop()).toEqual({ failed: [], lost: [], surplus: [], wasToldAll: true });
    expect([...people.turnedAway.keys()]).toEqual(["5"]);
    await replicas.untilAllServe();
    now = new Date(now.getTime() + 60 * 60_000);
    await replicas.moveClocks(now);
    expect(await untilJobsRan(standby.url, now)).toEqual([]);
  });
});

/** Writes until there is no room, and gives the file. */
async function fillDisk(path: string): Promise<string> {
  const file = await open(path, "w");
  const block = Buffer.alloc(1 << 20);
  for (const size of [block.length, 4_096]) {
    while ((await file.write(block.subarray(0, size)).catch(() => undefined)) !== undefined);
  }
  await file.close();
  return path;
}
