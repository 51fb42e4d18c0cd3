import { DatabaseUnavailableError, migrate, openDatabase } from "@obsqra/db";
import { createTestDatabase, runSql, type TestDatabase } from "@obsqra/db/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { explainStartError } from "./explain-start-error.ts";

let test: TestDatabase;
const roles = {
  full: "connection limit 0",
  preloading: "superuser",
  expired: "valid until '2020-01-01'",
  weak: "",
};

beforeAll(async () => {
  test = await createTestDatabase();
  for (const [name, options] of Object.entries(roles)) {
    await runSql(test.db, `drop role if exists start_${name}`);
    await runSql(test.db, `create role start_${name} login password 'a-secret' ${options}`);
  }
  await runSql(test.db, `alter role start_preloading set session_preload_libraries = 'not_there'`);
});

afterAll(async () => {
  for (const name of Object.keys(roles)) await runSql(test.db, `drop role start_${name}`);
  await test.close();
});

/** What a start says that opens the database so, and what it fails with. */
async function failureOf(change: (url: URL) => void): Promise<string> {
  const url = new URL(test.url ?? "");
  change(url);
  const database = await openDatabase({ url: url.href, pool: { size: 1 } });
  try {
    await migrate(database.db);
    return "It started.";
  } catch (error) {
    return explainStartError(error);
  } finally {
    await database.close();
  }
}

const as = (role: string) => (url: URL) => {
  url.username = `start_${role}`;
  url.password = "a-secret";
};

const toNowhere = (url: URL) => {
  url.pathname = "/nowhere";
};

it.each([
  ["a role without connections left", as("full"), /has no connection left: .*start_full/],
  [
    "a library that is not there",
    as("preloading"),
    /could not access file "not_there".*session_preload_libraries/,
  ],
  ["a password that has expired", as("expired"), /refuses the user or the password/],
  ["a schema that it may not write", as("weak"), /lacks a permission: permission denied/],
  [
    "no TLS",
    (url: URL) => url.searchParams.set("sslmode", "verify-full"),
    /does not support SSL connections/,
  ],
  ["no such database", toNowhere, /does not have this database/],
])(
  "says what the server refuses, calls nothing damaged and repeats no password: %s",
  async (_what, change, said) => {
    const text = await failureOf(change);
    expect(text).toMatch(said);
    expect(text).not.toMatch(/damaged|a-secret|\n {4}at /);
  },
);

it("names a standby and any other refusal in the server's words", () => {
  const refused = (code: string, message: string) =>
    new DatabaseUnavailableError("The database cannot be reached.", {
      cause: Object.assign(new Error(message), { code }),
    });
  expect(
    explainStartError(refused("55000", 'database "x" is not currently accepting connections')),
  ).toContain('refuses: database "x" is not currently accepting connections.');
  const standby = Object.assign(new Error("cannot execute CREATE TABLE in a read-only transaction"), {
    code: "25006",
  });
  expect(explainStartError(standby)).toContain("Name the one that can be written.");
});
