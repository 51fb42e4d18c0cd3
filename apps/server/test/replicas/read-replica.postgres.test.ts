import { mkdtempSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, migrate, type OpenDatabase, openDatabase } from "@obsqra/db";
import { type PostgresProcess, startPostgresProcess, startStandby } from "@obsqra/db/testing";
import { createReadReplica } from "@obsqra/platform";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { openServer } from "../process/open-server.ts";
import { createTestFolder } from "../process/spawn-server.ts";
import { send, sendJson, startTestServer, type TestServer } from "../wire/start-test-server.ts";

const log = { info: () => {}, warn: () => {} };

/** What is read from a standby. */
const paths = [
  "/analytics/overview",
  "/analytics/risk-history",
  "/analytics/allocation-history",
  "/analytics/dashboard",
  "/analytics/markets",
  "/predictions/risk-forecast",
  "/predictions/yield-forecast",
  "/predictions/track-record",
  "/predictions/track-record/parts",
  "/predictions/forecasts",
  "/predictions/suggestions",
  "/predictions/models",
  "/transactions",
  "/transactions/entries",
];

describe.skipIf(process.platform !== "linux")("a server with a standby to read from", () => {
  const stack = new AsyncDisposableStack();
  let primary: PostgresProcess;
  let standby: PostgresProcess;
  let server: TestServer;
  let headers: Record<string, string>;
  let db: Database;
  let replica: OpenDatabase;
  /** Why it was not read from. */
  const left: object[] = [];
  /** What the standby was asked. */
  const askedThere: string[] = [];
  let logged = 0;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "obsqra-standby-"));
    await chmod(folder, 0o755);
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    primary = stack.use(await startPostgresProcess(folder));
    const opened = await openDatabase({ url: primary.url });
    stack.defer(opened.close);
    db = opened.db;
    await migrate(db);
    standby = stack.use(await startStandby(primary, folder));
    // So that who does not wait for it finds less than there is.
    await standby.run("alter system set recovery_min_apply_delay = '50ms'");
    await standby.run("select pg_reload_conf()");
    const statements = {
      onStatement: (_milliseconds: number, text: string) => void askedThere.push(text),
      onConnection: () => {},
    };
    replica = await openDatabase({ url: standby.url, pool: { responseTimeoutMs: 500 } }, { statements });
    stack.defer(replica.close);
    // How long a busy machine takes to stream is not what is tested.
    const readReplica = createReadReplica(
      { db, replica: replica.db, log: { ...log, warn: (facts: object) => void left.push(facts) } },
      { waitMsMax: 5_000, pauseMs: 200 },
    );
    server = stack.use(await startTestServer({ deps: { db, readReplica } }));
    headers = await server.signUp("ada@example.org");
  });
  afterAll(() => stack.disposeAsync());

  const write = async () => {
    logged += 1;
    const json = { tx_hash: `0x${logged.toString(16)}`, tx_type: "deposit", amount: "1" };
    expect((await sendJson(server.url, { path: "/api/v1/transactions", headers, json })).status).toBe(201);
  };
  const count = async () => {
    const { status, body } = await send(server.url, { path: "/api/v1/transactions?limit=100", headers });
    expect(status).toBe(200);
    return (JSON.parse(body) as { items: unknown[] }).items.length;
  };
  const reachesStandby = async () => {
    const before = askedThere.length;
    expect(await count()).toBe(logged);
    return askedThere.slice(before).some((text) => text.includes('from "transactions"'));
  };

  it("reads there, and finds what it has written each time", async () => {
    expect(await count()).toBe(0);
    for (let number = 0; number < 10; number += 1) {
      await write();
      expect(await reachesStandby()).toBe(true);
    }
  });

  it.each(paths)("reads %s there", async (path) => {
    const before = askedThere.length;
    const { status } = await send(server.url, { path: `/api/v1${path}`, headers });
    // Without a history there is nothing to forecast from.
    expect([200, 503]).toContain(status);
    expect(askedThere.length).toBeGreaterThan(before);
    expect(left).toEqual([]);
  });

  it("reads where it writes, once the standby is further behind than callers wait", async () => {
    const hasty = createReadReplica({ db, replica: replica.db, log }, { waitMsMax: 20, pauseMs: 0 });
    await standby.run("select pg_wal_replay_pause()");
    await write();
    expect(await hasty.caughtUp()).toBeUndefined();
    await standby.run("select pg_wal_replay_resume()");
    await vi.waitUntil(async () => (await hasty.caughtUp()) === replica.db, { timeout: 60_000 });
  });

  it("leaves one alone for a while that was behind", async () => {
    const patient = createReadReplica({ db, replica: replica.db, log }, { waitMsMax: 20, pauseMs: 60_000 });
    patient.leave(new Error("away"));
    const before = askedThere.length;
    expect(await patient.caughtUp()).toBeUndefined();
    expect(askedThere).toHaveLength(before);
  });

  it("goes on while the standby is away, and reads there again when it is back", async () => {
    await standby.kill();
    await write();
    expect(await reachesStandby()).toBe(false);
    await standby.start();
    await vi.waitUntil(reachesStandby, { timeout: 60_000, interval: 50 });
  });

  it("is one where the settings name it", async () => {
    await using folder = await createTestFolder();
    const settings = { DATABASE_URL: primary.url, DATABASE_REPLICA_URL: standby.url };
    const { api, close } = await openServer(folder, settings);
    await vi.waitUntil(async () => (await api.readReplica?.caughtUp()) !== undefined, { timeout: 60_000 });
    await close();
  });

  it("reads from no database that is another's, or has become a primary", async () => {
    const other = await openDatabase({ url: inject("postgresUrl") });
    const warned: unknown[] = [];
    const warn = ({ err }: object & { err?: unknown }) => void warned.push(err);
    const stranger = createReadReplica({ db, replica: other.db, log: { ...log, warn } });
    expect(await stranger.caughtUp()).toBeUndefined();
    expect(warned).toEqual([new Error("The standby belongs to another cluster of Postgres.")]);
    await other.close();
    await standby.run("select pg_promote()");
    expect(await reachesStandby()).toBe(false);
  });
});
