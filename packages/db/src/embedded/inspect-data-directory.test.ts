import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  mkdir,
  mkdtempDisposable,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DataDirectoryDamagedError, DataDirectoryUnusableError } from "../database-errors.ts";
import { openDatabase } from "../open-database.ts";
import { snapshotFile } from "../testing/create-test-database.ts";
import { hasEmbeddedDatabase } from "./open-embedded.ts";

const run = promisify(execFile);

async function createFolder() {
  const folder = await mkdtempDisposable(join(tmpdir(), "obsqra-inspect-"));
  return {
    path: folder.path,
    data: join(folder.path, "data"),
    at: (...names: string[]) => join(folder.path, "data", ...names),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

type Folder = Awaited<ReturnType<typeof createFolder>>;

async function putDatabase({ data, at }: Folder): Promise<void> {
  await mkdir(at("pglite"), { recursive: true });
  await run("tar", ["-xf", snapshotFile("migrated"), "-C", join(data, "pglite")]);
}

const refused: [string, new (message: string) => Error, RegExp, (folder: Folder) => Promise<unknown>][] = [
  ["is a file", DataDirectoryUnusableError, /is not a directory/, ({ data }) => writeFile(data, "")],
  [
    "is a link to nothing",
    DataDirectoryUnusableError,
    /is a link that leads nowhere/,
    ({ data }) => symlink("/nosuch", data),
  ],
  [
    "has a file in place of the database",
    DataDirectoryDamagedError,
    /pglite is not a directory/,
    async ({ data, at }) => {
      await mkdir(data);
      await writeFile(at("pglite"), "");
    },
  ],
  [
    "has a link to nothing in place of the database",
    DataDirectoryUnusableError,
    /pglite is a link that leads nowhere/,
    async ({ data, at }) => {
      await mkdir(data);
      await symlink("nosuch", at("pglite"));
    },
  ],
  [
    "has a link in place of the database, which PGlite does not follow",
    DataDirectoryUnusableError,
    /pglite is a link, which the embedded database does not follow/,
    async ({ data, at }) => {
      await mkdir(data);
      await mkdir(at("elsewhere"));
      await symlink("elsewhere", at("pglite"));
    },
  ],
  [
    "has an empty directory in place of the database",
    DataDirectoryDamagedError,
    /pglite is empty: the database in it is gone/,
    ({ at }) => mkdir(at("pglite"), { recursive: true }),
  ],
  [
    "has a secret and a lock, but no database",
    DataDirectoryDamagedError,
    /has no database \(pglite\), but is not empty: it holds "secret-key"\. Remove that/,
    async ({ data, at }) => {
      await mkdir(data);
      for (const name of ["secret-key", "lock.sqlite"]) await writeFile(at(name), "");
    },
  ],
  [
    "has files of somebody else only",
    DataDirectoryDamagedError,
    /it holds "a\.jpg", "b\.jpg", "c\.jpg" and 1 more/,
    async ({ data, at }) => {
      await mkdir(data);
      for (const name of ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]) await writeFile(at(name), "");
    },
  ],
];

it.each(refused)(
  "refuses a data directory that %s, and leaves it as it is",
  async (_, kind, message, make) => {
    await using folder = await createFolder();
    await make(folder);
    const before = await readdir(folder.path, { recursive: true });
    const refusal = await openDatabase({ dataDirectory: folder.data }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(kind);
    expect((refusal as Error).message).toMatch(message);
    expect(() => hasEmbeddedDatabase(folder.data)).toThrow((refusal as Error).message);
    expect(await readdir(folder.path, { recursive: true })).toEqual(before);
  },
);

it("refuses a data directory from which nothing but the database is gone", async () => {
  await using folder = await createFolder();
  await putDatabase(folder);
  await (await openDatabase({ dataDirectory: folder.data, durability: "relaxed" })).close();
  await rm(folder.at("pglite"), { recursive: true });
  await expect(openDatabase({ dataDirectory: folder.data })).rejects.toThrow('it holds "database-made"');
  await rm(folder.at("database-made"));
  expect(hasEmbeddedDatabase(folder.data)).toBe(false);
});

it("takes a directory for new that has what a killed start and other programs leave, and another data directory", async () => {
  await using folder = await createFolder();
  await mkdir(folder.data);
  const directories = ["lost+found", "@eaDir", "#recycle", "outbox", "pglite.unfinished-1", "script"];
  for (const name of directories) await mkdir(folder.at(name));
  const files = [
    "lock.sqlite",
    "script/lock.sqlite",
    "history.csv",
    "History.CSV.gz",
    "thumbs.db",
    "desktop.ini",
  ];
  for (const name of [...files, ".gitkeep", ".DS_Store"]) await writeFile(folder.at(name), "");
  expect(hasEmbeddedDatabase(folder.data)).toBe(false);
  // A mail was sent by somebody who had a database.
  await writeFile(folder.at("outbox/1.eml"), "");
  expect(() => hasEmbeddedDatabase(folder.data)).toThrow('it holds "outbox"');
});

const nobody = 65_534;

/**
 * Opens the data directories that it is told of on its standard input, as a user without rights. Says of each the name and message
 * of the error; or that it was opened, and what becomes of a read while a file of it may not be read, and afterwards.
 */
const openingScript = (sourceOf: (name: string) => string) => `
  import { chmodSync } from "node:fs";
  import { createInterface } from "node:readline";
  import { sql } from ${JSON.stringify(import.meta.resolve("kysely"))};
  import { openDatabase } from ${sourceOf("../open-database.ts")};
  import { isDatabaseUnavailable } from ${sourceOf("../database-errors.ts")};
  async function open(dataDirectory) {
    const { db, state, close } = await openDatabase({ dataDirectory, durability: "relaxed" });
    const read = () => sql\`select count(*) from audit_events\`.execute(db).then(
      () => "read",
      (error) => error.name + " " + isDatabaseUnavailable(error),
    );
    const file = dataDirectory + "/pglite/base/5";
    chmodSync(file, 0o000);
    const during = [await read(), await state()];
    chmodSync(file, 0o700);
    const said = ["opened", ...during, await state(), await read()].join(", ");
    await close();
    return said;
  }
  for await (const directory of createInterface({ input: process.stdin })) {
    console.log(await open(directory).catch((error) => error.name + ": " + error.message.replaceAll("\\n", " ")));
  }`;

/** One process for all of them, since to start one costs far more than an opening that is refused. */
function startAsNobody() {
  const script = openingScript((name) => JSON.stringify(new URL(name, import.meta.url).href));
  const child = spawn(process.execPath, ["--liftoff-only", "--input-type=module-typescript", "-e", script], {
    uid: nobody,
    gid: nobody,
    cwd: "/",
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    open: async (dataDirectory: string): Promise<string> => {
      child.stdin.write(`${dataDirectory}\n`);
      return (await lines.next()).value ?? "";
    },
    end: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "close");
    },
  };
}

/** Whether tests can become somebody without rights who can read the sources. */
async function canBecomeNobody(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const asNobody = { uid: nobody, gid: nobody, cwd: "/" };
  const sources = new URL("../open-database.ts", import.meta.url).pathname;
  return run("test", ["-r", sources], asNobody)
    .then(
      () => run(process.execPath, ["--version"], asNobody).then(() => true),
      () => false,
    )
    .catch(() => false);
}

const isPossible = await canBecomeNobody();
if (!isPossible) {
  process.stderr.write("NOT TESTED: data directories of other users. Run as root to test them.\n");
}

describe.runIf(isPossible)("a sound database that this user may not use", () => {
  let folder: Folder;
  let opener: ReturnType<typeof startAsNobody>;

  beforeAll(async () => {
    folder = await createFolder();
    await putDatabase(folder);
    await run("chown", ["-R", `${nobody}:${nobody}`, folder.path]);
    opener = startAsNobody();
  });
  afterAll(async () => {
    await opener.end();
    await folder[Symbol.asyncDispose]();
  });

  it.each([
    ["the directory", "."],
    ["the database", "pglite"],
    ["a file of it", "pglite/global/pg_control"],
    ["a directory in it", "pglite/base"],
  ])("is not called damaged, and the owner is named: %s", async (_, name) => {
    const path = folder.at(name);
    const { mode } = await stat(path);
    for (const change of [() => chown(path, 0, 0), () => chmod(path, 0o444)]) {
      await chmod(path, mode & 0o700);
      await chown(path, nobody, nobody);
      await change();
      const said = await opener.open(folder.data);
      expect(said).toMatch(
        /^DataDirectoryForbiddenError: \S+ may not be read or written: it belongs to user \d+ with mode/,
      );
      expect(said).toContain(`and this process runs as user ${nobody}`);
    }
    await chmod(path, mode);
  });

  it("is opened by its own user, is not permitted while its files are not, which is no bug, and goes on when they are again", async () => {
    expect(await opener.open(folder.data)).toBe(
      "opened, DataDirectoryForbiddenError true, forbidden, up, read",
    );
  });

  it("is not made in a directory of somebody else", async () => {
    await rm(folder.data, { recursive: true });
    await mkdir(folder.data);
    expect(await opener.open(folder.data)).toMatch(/^DataDirectoryForbiddenError: /);
  });
});
