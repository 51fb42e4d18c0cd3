import { recordMigrations } from "@obsqra/db";
import { expect, it } from "vitest";
import { explainFindings, judgeMigrations, type rules } from "./judge-migrations.ts";
import { migrationExceptions } from "./migration-exceptions.ts";

it("finds nothing in the migrations that no exception states", async () => {
  const migrations = await recordMigrations();
  expect(migrations.length).toBeGreaterThan(36);
  expect(explainFindings(judgeMigrations(migrations), migrationExceptions)).toEqual([]);
});

const destructive: Record<keyof typeof rules, string> = {
  "drops a table": "drop table users",
  "drops a column": "ALTER TABLE users DROP COLUMN plan",
  renames: "alter table users rename column plan to quota",
  "changes a type": "alter table users alter column plan type integer",
  "requires a value": "alter table users alter column plan set not null",
  "adds a column without a default":
    "alter table users add column born date not null, add column plan text default 'free'",
  "takes a default away": "alter table users alter column plan drop default",
  "refuses rows": "alter table users add constraint plan_known check (plan in ('free'))",
  "refuses duplicates": "create unique index users_name on users (full_name)",
  "deletes rows": "delete from users where plan is null",
  "adds a trigger":
    "create trigger users_new before insert on users for each row execute function check_user()",
  "drops a function": "drop function check_user()",
};

it.each(Object.entries(destructive))(
  "finds what %s, but in a table that the same migration makes",
  (rule, statement) => {
    const judge = (...statements: string[]) =>
      judgeMigrations([{ name: "0099-new", statements }]).map(({ rule }) => rule);
    expect(judge(statement)).toEqual([rule]);
    if (rule !== "drops a function") expect(judge("create table users (id uuid)", statement)).toEqual([]);
  },
);

it.each([
  "alter table users add column plan text not null default 'free'",
  "alter table users add column size integer not null generated always as (octet_length(name)) stored",
  "alter table users drop constraint plan_known",
  "create index users_name on users (full_name)",
  "create or replace function check_user() returns trigger language plpgsql as $$ begin delete from users; end $$",
])("has nothing against %s", (statement) => {
  expect(judgeMigrations([{ name: "0099-new", statements: [statement] }])).toEqual([]);
});

it("lets only a migration that is called contract take something away, and no exception stay that nothing needs", () => {
  const [statement, exception] = [destructive["drops a column"], { rules: ["renames"], why: "" } as const];
  const explain = (name: string) => explainFindings(judgeMigrations([{ name, statements: [statement] }]), {});
  expect(explain("0099-users")).toEqual([expect.stringContaining("in a migration called NNNN-contract-…")]);
  expect(explain("0099-contract-users")).toEqual([]);
  expect(explainFindings([], { "0099-users": exception })).toEqual([
    expect.stringContaining("take the exception away"),
  ]);
});
