import { expect, it } from "vitest";
import { mayWrite } from "./may-write.ts";

it.each([
  "select 1",
  " SELECT id from events where type = 'update'",
  "begin",
  "commit",
  "rollback",
  "with known as (select 1 as n) select n from known",
])("takes %s for a statement that only reads", (text) => {
  expect(mayWrite(text)).toBe(false);
});

it.each([
  "insert into events values (1)",
  "\n    update jobs set state = 'done'",
  "DELETE FROM job",
  "with due as (select 1) update email_outbox set attempts = 1",
  "with added as (insert into users values (1)) select 1",
  "truncate events",
  "copy events from stdin",
  "do $$ begin end $$",
  "what nobody knows",
])("takes %s for one that may write", (text) => {
  expect(mayWrite(text)).toBe(true);
});
