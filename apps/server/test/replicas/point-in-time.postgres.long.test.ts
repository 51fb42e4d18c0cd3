import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { chmod, chown, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, openDatabase } from "@obsqra/db";
import { copyFiles, type PostgresProcess, startAtMoment, startPostgresProcess } from "@obsqra/db/testing";
import { expect, it, vi } from "vitest";
import { send, sendJson, startTestServer, type TestServer } from "../wire/start-test-server.ts";

it.skipIf(process.platform !== "linux")(
  "goes back to a moment by a copy of its files and its archived log, and serves on from there",
  async () => {
    await using stack = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), "obsqra-moment-"));
    await chmod(folder, 0o755);
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    const primary = stack.use(await startPostgresProcess(folder));
    const archive = join(folder, "archive");
    mkdirSync(archive);
    const owner = await stat(primary.dataDirectory);
    await chown(archive, owner.uid, owner.gid);
    await primary.run("alter system set archive_mode = 'on'");
    await primary.run(`alter system set archive_command = 'cp %p ${archive}/%f'`);
    await primary.stop();
    await primary.start();

    const before = await serve(primary);
    const ada = await before.server.signUp("ada@example.org");
    await log(before.server, ada, "0x1");
    const copied = await copyFiles(primary, folder);
    await log(before.server, ada, "0x2");
    const [now] = await primary.run("select clock_timestamp()::text as moment");
    const moment = String(now?.moment);
    await log(before.server, ada, "0x3");
    await before.server.signUp("eve@example.org");
    const [last] = await primary.run("select pg_walfile_name(pg_switch_wal()) as file");
    await vi.waitUntil(
      async () => {
        const [archiver] = await primary.run("select last_archived_wal as file from pg_stat_archiver");
        return String(archiver?.file) >= String(last?.file);
      },
      { timeout: 120_000, interval: 100 },
    );
    await before[Symbol.asyncDispose]();
    await primary.kill();

    const recovered = stack.use(await startAtMoment(primary, copied, { archive, moment }));
    await vi.waitUntil(
      async () => (await recovered.run("select pg_is_in_recovery() as waits"))[0]?.waits === false,
      { timeout: 120_000, interval: 100 },
    );
    await using after = await serve(recovered);
    expect(await hashesOf(after.server, ada)).toEqual(["0x2", "0x1"]);
    await log(after.server, ada, "0x4");
    expect(await hashesOf(after.server, ada)).toEqual(["0x4", "0x2", "0x1"]);
    await after.server.signUp("eve@example.org");
  },
);

/** A server on this database. */
async function serve({ url }: PostgresProcess) {
  const stack = new AsyncDisposableStack();
  const { db, close } = await openDatabase({ url });
  stack.defer(close);
  await migrate(db);
  const server = stack.use(await startTestServer({ deps: { db } }));
  return { server, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function log(server: TestServer, headers: Record<string, string>, tx_hash: string): Promise<void> {
  const json = { tx_hash, tx_type: "deposit", amount: "1" };
  expect((await sendJson(server.url, { path: "/api/v1/transactions", headers, json })).status).toBe(201);
}

/** Of what was logged, newest first. */
async function hashesOf(server: TestServer, headers: Record<string, string>): Promise<string[]> {
  const { status, body } = await send(server.url, { path: "/api/v1/transactions", headers });
  expect(status).toBe(200);
  const { items } = JSON.parse(body) as { items: { tx_hash: string }[] };
  return items.map(({ tx_hash }) => `0x${BigInt(tx_hash).toString(16)}`);
}
