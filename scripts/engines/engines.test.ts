import { expect, it } from "vitest";
import { enginesDocument } from "./engines-document.ts";
import { features } from "./features.ts";

it("says in docs/engines.md what migrations and statements use, and the keys of tables (-u renews it)", async () => {
  await expect(await enginesDocument()).toMatchFileSnapshot("../../docs/engines.md");
});

it.each([
  [
    "transition tables",
    "create trigger t after insert on a referencing new table as b for each statement execute function f()",
  ],
  ["triggers for each row", "create trigger t before insert on a for each row execute function f()"],
  [
    "triggers for each statement, before `truncate` too",
    "create trigger t before truncate on a execute function f()",
  ],
  ["extensions", "create extension citext"],
  ["`listen` and `notify`", "sql`listen changes`"],
])("recognises %s", (name, text) => {
  const feature = features.find((each) => each.name === name);
  expect(text.match(feature?.pattern ?? /$^/g)).toHaveLength(1);
});
