import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { loadDump, type OpenDatabase, openDatabase } from "@obsqra/db";
import { digestTables, runSql, waitForEvents } from "@obsqra/db/testing";
import { createCaller, writeLog } from "@obsqra/features";
import { createTestApi, type TestApi, writeWholeLog } from "@obsqra/features/testing";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { moveDatabase } from "../src/backup/move-database.ts";
import { readBackup } from "../src/backup/read-backup.ts";
import { askForBackup, serveBackups } from "../src/backup/serve-backups.ts";
import { verifyRestored } from "../src/backup/verify-restored.ts";
import { writeBackup } from "../src/backup/write-backup.ts";
import { moveCommand } from "../src/commands/move-command.ts";
import { runCommand } from "../src/commands/run-command.ts";
import { readEnvironment } from "../src/env.ts";
import { setNostra } from "./mail/pause-protocol.ts";

let folder: string;
let api: TestApi;
const quietly = { recipients: [] as string[], now: new Date(), tellProgress: () => {} };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "obsqra-backup-"));
  api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp("ada@example.org");
  await logTransaction(ada, 1);
  await writeWholeLog(api);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function logTransaction(caller: Awaited<ReturnType<TestApi["signUp"]>>, number: number): Promise<void> {
  await caller.transactions.create({
    tx_hash: `0x${number.toString(16)}`,
    tx_type: "deposit",
    amount: "1",
    details: { note: 'A "quoted" \\ line\nand é 😀' },
  });
}

/** Of the other engine than Postgres, in memory. */
async function restoreToMemory(path: string, identities: readonly string[] = []): Promise<OpenDatabase> {
  const database = await openDatabase({ snapshot: undefined });
  try {
    await loadDump(database.db, readBackup(path, identities));
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The rows of all tables, without what says when and where the schema was made. */
async function contents(db: OpenDatabase["db"]): Promise<Map<string, string>> {
  const digests = await digestTables(db);
  for (const name of ["event_clock", "kysely_migration"]) digests.delete(name);
  return digests;
}

async function firstPart(path: string, identities: readonly string[]): Promise<unknown> {
  return (await readBackup(path, identities).next()).value;
}

it("restores every row elsewhere from a sealed backup, with rules and proofs, and goes on from there", async () => {
  const path = join(folder, "sealed");
  const identity = await generateIdentity();
  const [mine, other] = [join(folder, "mine"), join(folder, "other")];
  await writeFile(mine, `# a comment\n${identity}\n`);
  await writeFile(other, await generateIdentity());
  const { db } = api.deps;
  const recipients = [await identityToRecipient(identity)];
  await using _served = await serveBackups({ db }, folder);
  expect(await askForBackup(folder, { path, recipients }, () => {})).toBeGreaterThan(100);
  await expect(askForBackup(folder, { path, recipients }, () => {})).rejects.toThrow("already");
  expect((await readFile(path)).includes("ada@example.org")).toBe(false);
  await expect(firstPart(path, [])).rejects.toThrow("is encrypted");
  await expect(firstPart(path, [other])).rejects.toThrow("None of these keys opens");

  const restored = await restoreToMemory(path, [mine]);
  try {
    expect(await contents(restored.db)).toEqual(await contents(db));
    expect(await verifyRestored(restored.db)).toMatch(/ chained logs, [1-9]\d* entries .* and 2 models hold/);
    // The rules are back: what may only grow cannot be changed.
    await expect(restored.db.deleteFrom("events").execute()).rejects.toThrow();
    // So do the logs go on.
    const deps = { ...api.deps, db: restored.db };
    const request = { id: "restored", access_token: undefined, ip: "127.0.0.1", user_agent: "test" };
    const { access_token } = await createCaller({ ...deps, request }).auth.login({
      email: "ada@example.org",
      password: "correct horse battery",
    });
    await logTransaction(createCaller({ ...deps, request: { ...request, access_token } }), 2);
    await setNostra(deps, "paused");
    await waitForEvents(restored.db);
    const { entries } = await writeLog(deps, new AbortController().signal);
    expect(entries).toBeGreaterThan(0);
    expect(await verifyRestored(restored.db)).toMatch(/hold/);
  } finally {
    await restored.close();
  }
});

it("writes into no file that somebody else has put there, and leaves that alone", async () => {
  const theirs = join(folder, "theirs");
  await writeFile(theirs, "theirs");
  const linked = join(folder, "linked");
  await symlink(theirs, `${linked}.part`);
  const open = join(folder, "open");
  await writeFile(`${open}.part`, "");
  await chmod(`${open}.part`, 0o666);
  for (const path of [linked, open])
    await expect(writeBackup(api.deps.db, path, quietly)).rejects.toThrow("Remove it");
  expect(await readFile(theirs, "utf8")).toBe("theirs");
  expect((await stat(`${open}.part`)).size).toBe(0);
  const noKey = { ...quietly, recipients: ["age1none"] };
  await expect(writeBackup(api.deps.db, join(folder, "no-key"), noKey)).rejects.toThrow(
    "no recipient of age",
  );
  expect(await readdir(folder)).not.toContain("no-key.part");
});

it.each([
  ["a number", "5"],
  ["nothing", "null"],
  ["another header", '{"header":{}}'],
  [
    "a version that is not known",
    '{"header":{"format":"obsqra-backup","version":2,"made_at":"","migrations":[]}}',
  ],
  ["an end without tables", '{"end":{}}'],
  ["a sequence without a number", '{"end":{"tables":{},"sequences":{"a":"1; drop table users"}}}'],
])("takes %s for no part of a backup", async (_, line) => {
  const path = join(folder, "odd");
  await writeFile(path, gzipSync(`${line}\n`));
  await expect(firstPart(path, [])).rejects.toThrow("no backup of Obsqra");
});

it("ends with a sentence where a small file unpacks to a line without an end, or an encrypted one was changed", async () => {
  const path = join(folder, "bomb");
  await writeFile(path, gzipSync(Buffer.alloc(130 * 1024 * 1024, "a"), { level: 1 }));
  await expect(firstPart(path, [])).rejects.toThrow("is damaged");
  const identity = await generateIdentity();
  const key = join(folder, "key");
  await writeFile(key, identity);
  const sealed = join(folder, "changed");
  await writeBackup(api.deps.db, sealed, { ...quietly, recipients: [await identityToRecipient(identity)] });
  const bytes = await readFile(sealed);
  bytes.fill(0, bytes.length - 20);
  await writeFile(sealed, bytes);
  const readAll = async () => {
    for await (const part of readBackup(sealed, [key])) expect(part).toBeDefined();
  };
  await expect(readAll()).rejects.toThrow("is damaged");
});

it.runIf(inject("isLong"))("has what there was at one moment, while others write", async () => {
  const path = join(folder, "at-once");
  const bob = await api.signUp();
  let isDone = false;
  const writing = (async () => {
    for (let number = 100; !isDone; number += 1) await logTransaction(bob, number);
  })();
  await writeBackup(api.deps.db, path, quietly);
  isDone = true;
  await writing;
  const restored = await restoreToMemory(path);
  // A log and the list of logs are written together: they would differ if they had been read at two moments.
  expect(await verifyRestored(restored.db)).toMatch(/hold/);
  await restored.close();
});

it.runIf(inject("isLong"))(
  "refuses what is damaged, cut off, of a later version or no backup, and a database that is not empty",
  async () => {
    const path = join(folder, "sound");
    await writeBackup(api.deps.db, path, quietly);
    const text = gunzipSync(await readFile(path)).toString();
    const changed = async (name: string, content: string) => {
      const file = join(folder, name);
      await writeFile(file, gzipSync(content));
      return file;
    };
    const refusals: [string, string][] = [
      [await changed("other", text.replace("ada@example.org", "eve@example.org")), "is damaged"],
      [await changed("cut", text.slice(0, text.lastIndexOf('{"end"'))), "cut off"],
      [await changed("later", text.replace('"0001-initial"', '"9999-later"')), "later version"],
      [await changed("none", "hello\n"), "no backup of Obsqra"],
      [
        await changed(
          "tables",
          `${text.slice(0, text.indexOf("\n"))}\n{"end":{"tables":{},"sequences":{}}}\n`,
        ),
        "is missing",
      ],
      [await changed("row", text.replace(/^\["/m, '[{},"')), "row cannot be read"],
      [
        await changed("sequence", text.replace('"sequences":{', '"sequences":{"other":"1",')),
        "a sequence other",
      ],
    ];
    for (const [file, message] of refusals) await expect(restoreToMemory(file)).rejects.toThrow(message);
    await writeFile(join(folder, "half"), (await readFile(path)).subarray(0, 2_000));
    await expect(restoreToMemory(join(folder, "half"))).rejects.toThrow("is damaged");
    await expect(loadDump(api.deps.db, readBackup(path, []))).rejects.toThrow("not empty");
    await expect(writeBackup(api.deps.db, path, quietly)).rejects.toThrow("already");
  },
);

it.runIf(inject("isLong") && inject("databaseEngine") === "postgres")(
  "moves every row from Postgres to the embedded database and back, and refuses a database that is not empty",
  async () => {
    const url = new URL(inject("postgresUrl"));
    const admin = await openDatabase({ url: url.href, pool: { size: 1 } });
    const name = `moved_${process.pid}`;
    const source = await databaseUrl();
    url.pathname = `/${name}`;
    const embedded = join(folder, "moved");
    await runSql(admin.db, `create database ${name}`);
    try {
      expect(await move(source, embedded)).toMatchObject({
        code: 0,
        said: expect.stringMatching(/ rows are moved\. .* hold/),
      });
      expect(await move(source, embedded)).toMatchObject({
        code: 1,
        said: expect.stringContaining("already"),
      });
      expect(await move(embedded, "configured", url.href)).toMatchObject({ code: 0 });
      const back = await openDatabase({ url: url.href, pool: { size: 2 } });
      try {
        expect(await contents(back.db)).toEqual(await contents(api.deps.db));
      } finally {
        await back.close();
      }
      expect(await move(source, url.href)).toMatchObject({
        code: 1,
        said: expect.stringContaining("not empty"),
      });
    } finally {
      await runSql(admin.db, `drop database ${name} with (force)`);
      await admin.close();
    }
  },
);

it.runIf(inject("isLong") && inject("databaseEngine") === "postgres")(
  "refuses a move during which somebody writes where it comes from",
  async () => {
    const eve = await api.signUp();
    const target = await openDatabase({ snapshot: undefined });
    let isDone = false;
    const moving = moveDatabase(api.deps.db, target.db, new Date()).finally(() => {
      isDone = true;
    });
    const refused = expect(moving).rejects.toThrow("written to while it was moved");
    for (let number = 200; !isDone; number += 1) await logTransaction(eve, number);
    await refused;
    await target.close();
  },
);

/** What the command says and ends with. @param configured is set as DATABASE_URL */
async function move(from: string, to: string, configured?: string): Promise<{ code: number; said: string }> {
  let said = "";
  const hear = (text: string) => {
    said += text;
  };
  const variables = { DATA_DURABILITY: "relaxed", ...(configured && { DATABASE_URL: configured }) };
  const code = await runCommand(moveCommand, {
    parameters: [from, to],
    readEnvironment: () => readEnvironment(variables),
    write: hear,
    ask: undefined,
    complain: hear,
  });
  return { code, said };
}

/** Of the database that the service of this file uses, on Postgres. */
async function databaseUrl(): Promise<string> {
  const { name } = await api.deps.db
    .selectNoFrom(({ fn }) => fn<string>("current_database").as("name"))
    .executeTakeFirstOrThrow();
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${name}`;
  return url.href;
}
