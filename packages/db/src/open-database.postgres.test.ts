import { sql } from "kysely";
import { expect, it } from "vitest";
import { assertIntact } from "./assert-intact.ts";
import { isDatabaseUnavailable, isDataDamaged, isDiskFull } from "./database-errors.ts";
import { openDatabase } from "./open-database.ts";
import { createTestDatabase } from "./testing/index.ts";

const fullDisk = sql`do $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$`;

it("remembers that the server's disk was full, until something can be written again", async () => {
  await using test = await createTestDatabase();
  const { db, state, close } = await openDatabase({ url: test.url ?? "", pool: { size: 1 } });
  try {
    expect(await state()).toBe("up");
    const error = await fullDisk.execute(db).catch((reason: unknown) => reason);
    expect([isDiskFull(error), isDatabaseUnavailable(error)]).toEqual([true, true]);
    // The disk stays full for whoever makes a table.
    await sql`create function refuse() returns event_trigger language plpgsql as
      $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$`.execute(test.db);
    await sql`create event trigger full_disk on ddl_command_start execute function refuse()`.execute(test.db);
    await fullDisk.execute(db).catch(() => {});
    expect(await state()).toBe("full");
    expect(await state()).toBe("full");
    await sql`alter event trigger full_disk disable`.execute(test.db);
    expect(await state()).toBe("up");
  } finally {
    await close();
    await sql`drop event trigger if exists full_disk`.execute(test.db);
    await sql`drop function if exists refuse`.execute(test.db);
  }
});

it("is damaged once the server has found damage to its files", async () => {
  await using test = await createTestDatabase();
  const damage: unknown[] = [];
  const { db, state, close } = await openDatabase(
    { url: test.url ?? "", pool: { size: 1 } },
    { onDamage: (error) => damage.push(error) },
  );
  try {
    await assertIntact(db);
    expect(await state()).toBe("up");
    for (const code of ["XX001", "58P01"]) {
      const raise = sql.raw(`do $$ begin raise exception 'could not read' using errcode = '${code}'; end $$`);
      const error = await sql`${raise}`.execute(db).catch((reason: unknown) => reason);
      expect([isDataDamaged(error), isDatabaseUnavailable(error)]).toEqual([true, true]);
    }
    expect(await state()).toBe("damaged");
    expect(damage).toMatchObject([{ code: "XX001" }]);
  } finally {
    await close();
  }
});
