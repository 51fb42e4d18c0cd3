import { createTestDatabase } from "@obsqra/db/testing";
import { expect, it } from "vitest";
import { expectPlainMessage } from "./expect-plain-message.ts";
import { createTestFolder } from "./spawn-server.ts";
import { startHere } from "./start-here.ts";

it("a server that cannot start tells a wrong password and a missing database apart", async () => {
  await using folder = await createTestFolder();
  await using database = await createTestDatabase();
  const wrong = new URL(database.url ?? "");
  wrong.password = "hunter2";
  const refused = await startHere(folder, { DATABASE_URL: wrong.href });
  expect(refused.code).toBe(1);
  expect(refused.output).toContain("refuses the user or the password");
  expect(refused.output).not.toContain("hunter2");
  expectPlainMessage(refused.output);

  const elsewhere = new URL(database.url ?? "");
  elsewhere.pathname = "/nosuch";
  const missing = await startHere(folder, { DATABASE_URL: elsewhere.href });
  expect(missing.code).toBe(1);
  expect(missing.output).toContain("does not have this database");
  expect(missing.output).not.toContain("obsqra:obsqra");
  expectPlainMessage(missing.output);
});
