import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { judgeImport } from "./imports/judge-imports.ts";

function checkImports(...options: string[]) {
  const script = join(import.meta.dirname, "check-imports.ts");
  const cwd = join(import.meta.dirname, "..");
  return spawnSync(process.execPath, [script, ...options], { cwd, encoding: "utf8" });
}

const features = "packages/features/src";

describe("between packages", () => {
  it.each([
    ["packages/contract/src/guard.ts", "kysely", "imports zod only"],
    ["packages/contract/src/guard.ts", "@obsqra/features", "may use nothing"],
    ["packages/contract/src/guard.ts", "@trpc/server", "imports zod only"],
    ["packages/forest/src/guard.ts", "@obsqra/ml", "may use nothing"],
    ["packages/starknet/src/guard.ts", "@obsqra/contract", "may use packages/http"],
    ["packages/client/src/guard.ts", "@obsqra/contract", "may use nothing"],
    ["packages/ml/src/guard.ts", "@obsqra/starknet", "may use packages/forest"],
    ["packages/ml/src/guard.ts", "../../forest/src/index.ts", "no path leads into another package"],
    ["packages/ml/src/guard.test.ts", "@obsqra/starknet", "may use packages/forest"],
    ["packages/market/src/guard.ts", "@obsqra/db", "may use packages/contract"],
    ["packages/db/src/guard.ts", "@obsqra/features", "may use packages/contract"],
    ["packages/platform/src/guard.ts", "@obsqra/features", "may use packages/contract, packages/db"],
    ["packages/platform/src/guard.ts", "@obsqra/ml/testing", "may use packages/contract, packages/db"],
    ["packages/features/src/guard.ts", "@obsqra/client", "of this workspace"],
    ["packages/features/src/guard.ts", "@obsqra/forest", "of this workspace"],
    [
      "packages/openapi/src/guard.ts",
      "@obsqra/db",
      "may use packages/contract, packages/json, packages/platform",
    ],
    [
      "packages/openapi/src/guard.ts",
      "@obsqra/features",
      "may use packages/contract, packages/json, packages/platform",
    ],
    ["packages/features/test/guard.test.ts", "@obsqra/server", "of this workspace"],
    ["apps/rest-consumer/src/guard.ts", "@obsqra/contract", "may use nothing"],
    ["apps/server/src/guard.ts", "../../../packages/db/src/index.ts", "no path leads into another package"],
    [
      "scripts/generate/guard.ts",
      "../../packages/openapi/src/index.ts",
      "no path leads into another package",
    ],
    ["packages/new/src/guard.ts", "zod", "not in the table"],
    [
      "packages/features/src/market/guard.service.ts",
      "@obsqra/features",
      "does not import itself by its name",
    ],
  ])("refuses in %s an import of %s", (file, specifier, rule) => {
    expect(judgeImport(file, specifier)?.rule).toContain(rule);
  });

  it.each([
    ["packages/contract/src/guard.ts", "zod"],
    ["packages/contract/src/guard.test.ts", "vitest"],
    ["packages/ml/src/guard.ts", "@obsqra/forest"],
    ["packages/platform/src/guard.ts", "@obsqra/db"],
    ["packages/openapi/src/guard.ts", "@obsqra/platform"],
    ["packages/features/src/agreement.test-d.ts", "@obsqra/client"],
    ["packages/client/examples/guard.ts", "@obsqra/client"],
    ["apps/server/src/guard.ts", "@obsqra/features"],
    ["apps/rest-consumer/test/guard.ts", "@obsqra/contract"],
    ["scripts/generate/guard.ts", "@obsqra/openapi/document"],
    ["scripts/bench.ts", "../packages/forest/bench/forest-benchmark.ts"],
  ])("allows in %s an import of %s", (file, specifier) => {
    expect(judgeImport(file, specifier)).toBeUndefined();
  });
});

describe("between features", () => {
  it.each([
    ["mail/guard.ts", "../accounts/account-access.service.ts", "mail may use nothing of the features"],
    ["market/guard.service.ts", "../analytics/allocation.ts", "market may use nothing"],
    ["accounts/profile/guard.ts", "../../predictions/models.service.ts", "may use market, mail"],
    ["predictions/guard.service.ts", "../transactions/transactions.service.ts", "may use market, analytics"],
    ["analytics/guard.service.ts", "../market/market.queries.ts", "internals are private"],
    ["export/guard.ts", "../accounts/own-account.ts", "internals are private"],
    ["root.ts", "./accounts/account.queries.ts", "internals are private"],
    ["new-feature/guard.ts", "../market/market.service.ts", "new-feature is not in the table"],
  ])("refuses in %s an import of %s", (file, specifier, rule) => {
    expect(judgeImport(`${features}/${file}`, specifier)?.rule).toContain(rule);
  });

  it.each([
    ["accounts/guard.service.ts", "./account.queries.ts"],
    ["accounts/guard.service.ts", "../mail/outbox.service.ts"],
    ["predictions/guard.ts", "../market/market-days.ts"],
    ["transactions/guard.service.ts", "../predictions/suggestions.service.ts"],
    ["root.ts", "./accounts/users.router.ts"],
    ["mail/guard.test.ts", "../accounts/account.queries.ts"],
    ["testing/guard.ts", "../accounts/account.queries.ts"],
  ])("allows in %s an import of %s", (file, specifier) => {
    expect(judgeImport(`${features}/${file}`, specifier)).toBeUndefined();
  });
});

describe("between layers", () => {
  it.each([
    [`${features}/accounts/guard.router.ts`, "kysely"],
    [`${features}/accounts/guard.router.ts`, "@obsqra/db"],
    [`${features}/accounts/guard.router.ts`, "./account.queries.ts"],
    [`${features}/accounts/guard.service.ts`, "@trpc/server"],
    [`${features}/accounts/guard.service.ts`, "kysely/migration"],
    [`${features}/accounts/guard.service.ts`, "../trpc.ts"],
    [`${features}/accounts/guard.service.ts`, "./users.router.ts"],
    [`${features}/accounts/guard.queries.ts`, "zod"],
    [`${features}/accounts/guard.queries.ts`, "@trpc/server/observable"],
    [`${features}/accounts/guard.queries.ts`, "./account-access.service.ts"],
    ["packages/platform/src/access/guard.queries.ts", "zod"],
    [`${features}/guard.ts`, "fastify"],
    [`${features}/guard.ts`, "@fastify/cors"],
    [`${features}/guard.ts`, "pg"],
    ["packages/platform/src/guard.ts", "@electric-sql/pglite"],
    ["apps/server/src/guard.ts", "kysely"],
    ["apps/server/src/guard.ts", "pg"],
    ["apps/server/src/guard.ts", "@obsqra/db/testing"],
    ["packages/platform/src/guard.ts", "./testing/index.ts"],
    [`${features}/root.ts`, "./testing/index.ts"],
  ])("refuses in %s an import of %s", (file, specifier) => {
    expect(judgeImport(file, specifier)?.rule).toContain("never imports");
  });

  it.each([
    [`${features}/accounts/guard.queries.ts`, "kysely"],
    [`${features}/accounts/guard.router.ts`, "../trpc.ts"],
    ["packages/db/src/guard.ts", "pg"],
    ["packages/openapi/src/guard.ts", "fastify"],
    ["packages/openapi/src/guard.ts", "@obsqra/contract/schemas"],
    ["packages/platform/src/guard.test.ts", "@obsqra/db/testing"],
    ["apps/server/src/guard.ts", "@fastify/cors"],
  ])("allows in %s an import of %s", (file, specifier) => {
    expect(judgeImport(file, specifier)).toBeUndefined();
  });
});

it("says what to do instead of each import that it refuses", () => {
  expect(judgeImport("packages/ml/src/guard.ts", "@obsqra/db")?.instead).toBe(
    "Take the RiskEngine's arithmetic and market data as arguments.",
  );
});

it("finds nothing in this tree, and no exception that nothing needs", () => {
  const { status, stderr, stdout } = checkImports();
  expect([status, stderr, stdout]).toEqual([0, "", expect.stringContaining("imports follow")]);
});

it("explains what a file may import", () => {
  const { status, stdout } = checkImports("--explain", `${features}/transactions/transactions.service.ts`);
  expect(status).toBe(0);
  expect(stdout).toContain(
    "accounts + auth-dependencies.ts + audit/audit-event.ts + email-addresses/owner-notices.ts, analytics + allocation.ts",
  );
  expect(stdout).toContain("never: kysely. Put the statement into the feature's queries file.");
});

it("explains itself", () => {
  const { status, stdout } = checkImports("--help");
  expect([status, stdout]).toEqual([0, expect.stringContaining("--explain PATH")]);
});
