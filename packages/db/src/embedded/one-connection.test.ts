import { sql } from "kysely";
import { expect, it } from "vitest";
import { isDatabaseUnavailable } from "../database-errors.ts";
import { openDatabase } from "../open-database.ts";
import { createOneConnection, waitAtMost } from "./one-connection.ts";

it("is lent in the order in which it is asked for", async () => {
  const one = createOneConnection();
  const order: number[] = [];
  const use = async (number: number) => {
    await one.take();
    order.push(number);
    one.giveBack();
  };
  await one.take();
  const all = [use(1), use(2), use(3)];
  one.giveBack();
  await Promise.all([...all, use(4)]);
  expect(order).toEqual([1, 2, 3, 4]);
});

it("is waited for no longer than the caller says, and goes on with whoever waits still", async () => {
  const { db, close } = await openDatabase({ snapshot: undefined });
  const read = async (number: number) => {
    const { rows } = await sql<{ number: number }>`select ${number}::int as number`.execute(db);
    return rows[0]?.number;
  };
  const held = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  const holder = db.transaction().execute(async () => {
    held.resolve();
    await letGo.promise;
  });
  await held.promise;
  const patient = read(1);
  const error = await waitAtMost(5, () => read(2)).catch((thrown: unknown) => thrown);
  expect(isDatabaseUnavailable(error)).toBe(true);
  await expect(waitAtMost(5, () => db.transaction().execute(async () => 3))).rejects.toThrow(
    "busy for too long",
  );
  letGo.resolve();
  await holder;
  expect(await patient).toBe(1);
  // Who has failed leaves it to the next.
  await expect(sql`select 1 / 0`.execute(db)).rejects.toMatchObject({ code: "22012" });
  expect(await waitAtMost(5, () => read(4))).toBe(4);
  await close();
});
