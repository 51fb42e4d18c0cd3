import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "../database.ts";
import { DatabaseUnavailableError, isDatabaseUnavailable } from "../database-errors.ts";
import { openDatabase } from "../open-database.ts";
import { waitAtMost } from "./one-connection.ts";

/** Holds the connection in a transaction until it is let go. */
function hold(db: Database) {
  const held = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  const ended = db.transaction().execute(async (trx) => {
    await sql`select 1`.execute(trx);
    held.resolve();
    await letGo.promise;
  });
  const release = async () => {
    letGo.resolve();
    await ended;
  };
  return { held: held.promise, release };
}

async function read(db: Database, number: number): Promise<number | undefined> {
  const { rows } = await sql<{ number: number }>`select ${number}::int as number`.execute(db);
  return rows[0]?.number;
}

it("is waited for no longer than the caller says, and goes on with whoever waits still", async () => {
  const { db, close } = await openDatabase({ snapshot: undefined });
  const { held, release } = hold(db);
  await held;
  const patient = read(db, 1);
  const impatient = waitAtMost(5, () => read(db, 2));
  const error = await impatient.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DatabaseUnavailableError);
  expect(isDatabaseUnavailable(error)).toBe(true);
  await expect(waitAtMost(5, () => db.transaction().execute((trx) => read(trx, 3)))).rejects.toThrow(
    "busy for too long",
  );
  await release();
  expect(await patient).toBe(1);
  expect(await waitAtMost(5, () => read(db, 4))).toBe(4);
  await close();
});

it("is lent in the order in which it is asked for, also after errors", async () => {
  const { db, close } = await openDatabase({ snapshot: undefined });
  const { held, release } = hold(db);
  await held;
  const order: number[] = [];
  const all = [1, 2, 3, 4].map(async (number) => {
    if (number === 2) await sql`select 1 / 0`.execute(db).catch(() => {});
    else await read(db, number);
    order.push(number);
  });
  await release();
  await Promise.all(all);
  expect(order).toEqual([1, 2, 3, 4]);
  await close();
});
