import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { readImports } from "../imports/read-imports.ts";

/** The test files of each project, as paths from the root. */
export interface TestFiles {
  /** Those that open no database. */
  readonly unit: readonly string[];
  readonly pglite: readonly string[];
  readonly postgres: readonly string[];
}

/** How much is run. */
export interface Selection {
  /** All database tests on both engines, but those of one of them, and `*.long.test.ts`. */
  readonly isLong: boolean;
}

const root = join(import.meta.dirname, "../..");

/** Whoever imports one of these opens databases. */
const databaseHelpers = [
  "@obsqra/db/testing",
  "@obsqra/features/testing",
  "packages/db/src/testing/create-test-database.ts",
];

/**
 * Finds the test files of the workspace and tells by their names and imports where they run:
 *
 * - `x.test.ts` without a database once, in `unit`; with one on PGlite, in the long form also on Postgres
 * - `x.engines.test.ts` on Postgres, in the long form also on PGlite: for what can differ between them
 * - `x.postgres.test.ts` on Postgres only: for what the other engine does not have
 * - `x.long.test.ts`, `x.postgres.long.test.ts` in the long form only
 *
 * What is in a folder `embedded` is about the files of PGlite, and runs on it alone.
 */
export function findTestFiles({ isLong }: Selection): TestFiles {
  const all = globSync(["{packages,apps}/*/{src,test}/**/*.test.ts", "scripts/**/*.test.ts"], {
    cwd: root,
    exclude: ["**/node_modules/**"],
  }).sort();
  const files = isLong ? all : all.filter((file) => !file.endsWith(".long.test.ts"));
  const withDatabase = new Set(files.filter(createSearch()));
  const onPostgresOnly = (file: string) => /\.postgres\.(long\.)?test\.ts$/.test(file);
  const isForBoth = (file: string) => file.endsWith(".engines.test.ts");
  const onPglite = (file: string) => !onPostgresOnly(file) && (isLong || !isForBoth(file));
  const onPostgres = (file: string) =>
    onPostgresOnly(file) || (isLong ? !file.includes("/embedded/") : isForBoth(file));
  return {
    unit: files.filter((file) => !withDatabase.has(file)),
    pglite: files.filter((file) => withDatabase.has(file) && onPglite(file)),
    postgres: files.filter((file) => withDatabase.has(file) && onPostgres(file)),
  };
}

/** Tells of a file whether it, or one that it imports by its path, uses what opens test databases. */
function createSearch(): (file: string) => boolean {
  const known = new Map<string, readonly string[]>();
  const importsOf = (file: string): readonly string[] => {
    const imports = known.get(file) ?? readImportsOf(file);
    known.set(file, imports);
    return imports;
  };
  return (file) => {
    const reached = new Set([file]);
    // A set goes on to what is added meanwhile.
    for (const each of reached) {
      if (databaseHelpers.includes(each)) return true;
      for (const imported of importsOf(each)) reached.add(imported);
    }
    return false;
  };
}

/** Paths from the root for files, and names of packages. */
function readImportsOf(file: string): readonly string[] {
  if (!file.endsWith(".ts") || !existsSync(join(root, file))) return [];
  const imports = readImports(file, readFileSync(join(root, file), "utf8"));
  return imports.map(({ specifier }) =>
    specifier.startsWith(".") ? join(file, "..", specifier) : specifier,
  );
}
