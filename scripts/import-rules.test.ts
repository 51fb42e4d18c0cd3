import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const biome = join(root, "node_modules/@biomejs/biome/bin/biome");

/** What lint says of a file with one import, at a place in the tree. */
function lint(path: string, specifier: string): string {
  const file = join(root, path);
  writeFileSync(
    file,
    `import * as imported from "${specifier}";\n\nexport const { length } = Object.keys(imported);\n`,
  );
  try {
    const { stdout, stderr } = spawnSync(process.execPath, [biome, "lint", file], {
      cwd: root,
      encoding: "utf8",
    });
    return stdout + stderr;
  } finally {
    rmSync(file);
  }
}

it.each([
  ["packages/contract/src/guard.ts", "kysely"],
  ["packages/contract/src/guard.ts", "@obsqra/features"],
  ["packages/forest/src/guard.ts", "@obsqra/ml"],
  ["packages/starknet/src/guard.ts", "@obsqra/contract"],
  ["packages/client/src/guard.ts", "@obsqra/contract"],
  ["packages/ml/src/guard.ts", "@obsqra/starknet"],
  ["packages/ml/src/guard.ts", "../../forest/src/index.ts"],
  ["packages/market/src/guard.ts", "@obsqra/db"],
  ["packages/db/src/guard.ts", "@obsqra/features"],
  ["packages/openapi/src/guard.ts", "@obsqra/db"],
  ["packages/features/src/guard.ts", "fastify"],
  ["packages/features/src/accounts/guard.router.ts", "kysely"],
  ["packages/features/src/accounts/guard.service.ts", "@trpc/server"],
  ["packages/features/src/accounts/guard.queries.ts", "zod"],
  ["apps/server/src/guard.ts", "kysely"],
  ["scripts/generate/guard.ts", "../../packages/openapi/src/index.ts"],
])("refuses in %s an import of %s", (path, specifier) => {
  expect(lint(path, specifier)).toContain("lint/style/noRestrictedImports");
});

it.each([
  ["packages/ml/src/guard.ts", "@obsqra/forest"],
  ["packages/openapi/src/guard.ts", "@obsqra/features"],
  ["packages/features/src/accounts/guard.service.ts", "./account.queries.ts"],
])("allows in %s an import of %s", (path, specifier) => {
  expect(lint(path, specifier)).not.toContain("noRestrictedImports");
});
