import { getConstructionPlans } from "pg-boss";
import { expect, it } from "vitest";
import { splitStatements } from "./split-statements.ts";

it("splits at semicolons, and not at those in quotes, dollar quotes and comments", () => {
  expect(
    splitStatements(`select ';', "a;b"; -- one; two
      do $body$ begin; end $body$; /* x; y */ select $$ ';' $$;; `),
  ).toEqual([
    `select ';', "a;b"`,
    `-- one; two
      do $body$ begin; end $body$`,
    `/* x; y */ select $$ ';' $$`,
  ]);
});

it("takes everything of pg-boss's schema apart, so that nothing is left in one piece", () => {
  const statements = splitStatements(getConstructionPlans("jobs"));
  expect(statements.at(0)).toBe("BEGIN");
  expect(statements.at(-1)).toBe("COMMIT");
  expect(statements.filter((statement) => statement.startsWith("CREATE TABLE")).length).toBeGreaterThan(5);
});
