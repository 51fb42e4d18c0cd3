import { expect, it } from "vitest";
import { createTestApi, type TestApi } from "../testing/index.ts";
import { createReceiver, deliver, listen } from "../testing/webhook-steps.ts";
import { attemptsMax } from "./retry-schedule.ts";
import { attemptsKeptPerOwner } from "./sending.queries.ts";

/** Adds attempts like the one there is of a delivery, each newer than the one before. */
async function repeatAttempt({ deps: { db, createId } }: TestApi, delivery_id: string, count: number) {
  const attempt = await db
    .selectFrom("webhook_attempts")
    .selectAll()
    .where("delivery_id", "=", delivery_id)
    .executeTakeFirstOrThrow();
  const rows = Array.from({ length: count }, () => ({ ...attempt, id: createId() }));
  await db.insertInto("webhook_attempts").values(rows).execute();
}

async function idsOf({ deps: { db } }: TestApi, column: "delivery_id" | "owner_id", id: string) {
  const rows = await db
    .selectFrom("webhook_attempts")
    .select("id")
    .where(column, "=", id)
    .orderBy("id")
    .execute();
  return rows.map((row) => row.id);
}

async function start(api: TestApi, email: string) {
  const user = await api.signUp(email);
  const { id: webhook_id } = await listen(user);
  const test = async () => (await user.webhooks.test({ webhook_id })).id;
  const first = await test();
  await deliver(api, createReceiver());
  return { user, first, test, owner_id: (await user.auth.me()).id };
}

it("keeps the newest attempts of a delivery, however often it is replayed", async () => {
  await using api = await createTestApi();
  const ada = await start(api, "ada@example.org");
  const other = await ada.test();
  await deliver(api, createReceiver());
  await repeatAttempt(api, ada.first, attemptsMax + 2);
  const before = await idsOf(api, "delivery_id", ada.first);
  await ada.user.webhooks.replay({ delivery_id: ada.first });
  await deliver(api, createReceiver());
  const after = await idsOf(api, "delivery_id", ada.first);
  expect(after).toHaveLength(attemptsMax);
  expect(after.slice(0, -1)).toEqual(before.slice(1 - attemptsMax));
  expect(await idsOf(api, "delivery_id", other)).toHaveLength(1);
});

it("keeps the newest attempts of an owner, and all of others", async () => {
  await using api = await createTestApi();
  const eve = await start(api, "eve@example.org");
  const ada = await start(api, "ada@example.org");
  await repeatAttempt(api, ada.first, attemptsKeptPerOwner + 20);
  const before = await idsOf(api, "owner_id", ada.owner_id);
  await ada.test();
  await deliver(api, createReceiver());
  const after = await idsOf(api, "owner_id", ada.owner_id);
  expect(after).toHaveLength(attemptsKeptPerOwner);
  expect(after.slice(0, -1)).toEqual(before.slice(1 - attemptsKeptPerOwner));
  expect(await idsOf(api, "owner_id", eve.owner_id)).toHaveLength(1);
});
