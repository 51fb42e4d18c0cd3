import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findTestFiles } from "./find-test-files.ts";

const root = join(import.meta.dirname, "../..");
const short = findTestFiles({ isLong: false });
const long = findTestFiles({ isLong: true });

it("runs a test without a database once, and one with a database on the engines that its name says", () => {
  const projectsOf = (file: string) =>
    (["unit", "pglite", "postgres"] as const).filter((project) => short[project].includes(file));
  expect(projectsOf("packages/client/src/index.test.ts")).toEqual(["unit"]);
  expect(projectsOf("packages/features/src/accounts/deletion/deletion.test.ts")).toEqual(["pglite"]);
  expect(projectsOf("packages/db/src/append-only.engines.test.ts")).toEqual(["pglite", "postgres"]);
  expect(projectsOf("packages/db/src/postgres-pool.postgres.test.ts")).toEqual(["postgres"]);
});

it("runs each test file somewhere, and in the long form every one with a database on both engines, but those of the embedded one", () => {
  const isOf = (ending: string) => (file: string) => file.endsWith(ending);
  const all = new Set([...long.unit, ...long.pglite, ...long.postgres]);
  expect(new Set([...short.unit, ...short.pglite, ...short.postgres])).toEqual(
    new Set([...all].filter((file) => !isOf(".long.test.ts")(file))),
  );
  expect(long.postgres.filter((file) => !isOf(".postgres.test.ts")(file))).toEqual(
    long.pglite.filter((file) => !file.includes("/embedded/")),
  );
});

it("finds no test that asks for the engine where there is none, and would be skipped in silence", () => {
  for (const { unit } of [short, long]) {
    expect(
      unit.filter((file) => /inject\("(databaseEngine|pgliteSnapshots|postgresUrl)"\)/.test(read(file))),
    ).toEqual([]);
  }
});

it("finds no test that waits for Postgres where it never comes", () => {
  const onlyOnPglite = short.pglite.filter((file) => !short.postgres.includes(file));
  const waiting = onlyOnPglite.filter((file) =>
    /inject\("databaseEngine"\) === "postgres"|inject\("postgresUrl"\)/.test(read(file)),
  );
  expect(waiting).toEqual([]);
});

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}
