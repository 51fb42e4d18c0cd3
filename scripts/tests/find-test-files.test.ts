import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findTestFiles } from "./find-test-files.ts";

const root = join(import.meta.dirname, "../..");
const short = findTestFiles({ isLong: false });
const long = findTestFiles({ isLong: true });

it("runs every test once, and one with a database on the engine that its name says", () => {
  const projectsOf = (file: string) =>
    (["unit", "pglite", "postgres"] as const).filter((project) => short[project].includes(file));
  expect(projectsOf("packages/client/src/index.test.ts")).toEqual(["unit"]);
  expect(projectsOf("packages/features/src/accounts/deletion/deletion.test.ts")).toEqual(["pglite"]);
  expect(projectsOf("packages/db/src/append-only.engines.test.ts")).toEqual(["postgres"]);
  expect(projectsOf("packages/db/src/postgres-pool.postgres.test.ts")).toEqual(["postgres"]);
});

it("runs each test file somewhere, and in the long form every one with a database on both engines, but those of the embedded one", () => {
  const isOf = (ending: string) => (file: string) => file.endsWith(ending);
  const all = new Set([...long.unit, ...long.pglite, ...long.postgres]);
  expect(new Set([...short.unit, ...short.pglite, ...short.postgres])).toEqual(
    new Set([...all].filter((file) => !isOf(".long.test.ts")(file))),
  );
  expect(long.postgres.filter((file) => !file.includes(".postgres."))).toEqual(
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

it("finds no test that waits for an engine where it never comes", () => {
  const waitingFor = (engine: "pglite" | "postgres", files: readonly string[]) =>
    files.filter((file) =>
      new RegExp(`inject\\("databaseEngine"\\) === "${engine}"|inject\\("${engine}\\w+"\\)`).test(read(file)),
    );
  expect(waitingFor("postgres", short.pglite)).toEqual([]);
  expect(waitingFor("pglite", short.postgres)).toEqual([]);
});

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}
