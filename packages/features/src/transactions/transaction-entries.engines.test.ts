import { createHash } from "node:crypto";
import type { TransactionEntry } from "@obsqra/contract";
import { withoutRules } from "@obsqra/db/testing";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { eraseDueAccounts } from "../accounts/deletion/erasure.service.ts";
import type { createCaller } from "../root.ts";
import { createTestApi, type TestApi } from "../testing/index.ts";
import { recordTransactionStatus, verifyTransactionChain } from "./transaction-entries.service.ts";

type Caller = ReturnType<typeof createCaller>;

interface User {
  readonly id: string;
  readonly caller: Caller;
}

async function signUp(api: TestApi, email: string): Promise<User> {
  const caller = await api.signUp(email);
  return { id: (await caller.auth.me()).id, caller };
}

/** 66-character lower-case form. */
function hashOf(number: number): string {
  return `0x${number.toString(16).padStart(64, "0")}`;
}

function log(caller: Caller, number: number) {
  const details = { number, "unusual name": "ünï “cödé”", of: ["a", { 10: 1, 9: 2 }], none: null };
  return caller.transactions.create({ tx_hash: hashOf(number), tx_type: "deposit", amount: "1.50", details });
}

/** A user with four transactions, the second of which was confirmed: five entries. */
async function createLog(api: TestApi, email = "ada@example.org"): Promise<User> {
  const user = await signUp(api, email);
  for (const number of [1, 2, 3]) await log(user.caller, number);
  await recordTransactionStatus(api.deps, { owner_id: user.id, tx_hash: hashOf(2), status: "confirmed" });
  await log(user.caller, 4);
  return user;
}

/** All entries, oldest first. */
async function readEntries(caller: Caller): Promise<TransactionEntry[]> {
  const entries: TransactionEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await caller.transactions.entries({ sort: "oldest", limit: 2, cursor });
    entries.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return entries;
}

it("chains what a user logs and what becomes of it, and nobody else's", async () => {
  await using api = await createTestApi();
  const ada = await createLog(api);
  const eve = await createLog(api, "eve@example.org");
  const entries = await readEntries(ada.caller);
  expect(entries.map(({ position, tx_hash, status }) => [position, Number(tx_hash), status])).toEqual([
    [1, 1, "pending"],
    [2, 2, "pending"],
    [3, 3, "pending"],
    [4, 2, "confirmed"],
    [5, 4, "pending"],
  ]);
  expect(entries.map(({ previous_hash }) => previous_hash)).toEqual([
    "0".repeat(64),
    ...entries.slice(0, -1).map(({ hash }) => hash),
  ]);
  expect(await ada.caller.transactions.entries({ limit: 100 })).toEqual({
    items: entries.toReversed(),
    next_cursor: null,
  });
  const others = new Set((await readEntries(eve.caller)).map(({ hash }) => hash));
  expect(entries.filter(({ hash }) => others.has(hash))).toEqual([]);
});

it("shows with each transaction its newest entry, and in it what was logged", async () => {
  await using api = await createTestApi();
  const { id, caller } = await signUp(api, "ada@example.org");
  const logged = await log(caller, 1);
  expect(logged.chain).toEqual({ position: 1, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  api.clock.advance(1000);
  await recordTransactionStatus(api.deps, { owner_id: id, tx_hash: logged.tx_hash, status: "failed" });
  const [first, second] = await readEntries(caller);
  const { id: transaction_id, chain, ...facts } = logged;
  expect(first).toMatchObject({ ...chain, ...facts, transaction_id, observed_at: logged.created_at });
  const observed_at = api.clock().toISOString();
  expect(second).toMatchObject({ ...facts, position: 2, transaction_id, status: "failed", observed_at });
  const newest = { ...logged, status: "failed", chain: { position: 2, hash: second?.hash } };
  expect(await caller.transactions.get({ tx_hash: logged.tx_hash })).toEqual(newest);
  expect((await caller.transactions.list()).items).toEqual([newest]);
});

it("lets a pending transaction become confirmed or failed, once", async () => {
  await using api = await createTestApi();
  const { id: owner_id, caller } = await signUp(api, "ada@example.org");
  for (const number of [1, 2]) await log(caller, number);
  const record = (number: number, status: "confirmed" | "failed") =>
    recordTransactionStatus(api.deps, { owner_id, tx_hash: hashOf(number), status });
  expect(await record(1, "confirmed")).toBe(true);
  expect(await record(2, "failed")).toBe(true);
  for (const number of [1, 2]) {
    for (const status of ["confirmed", "failed"] as const) expect(await record(number, status)).toBe(false);
  }
  await expect(record(3, "confirmed")).rejects.toMatchObject({ code: "TRANSACTION_NOT_FOUND" });
  const { items } = await caller.transactions.list();
  expect(items.map(({ status }) => status)).toEqual(["failed", "confirmed"]);
  expect(await readEntries(caller)).toHaveLength(4);
});

it("lets one of several statuses that come at once win", async () => {
  await using api = await createTestApi();
  const { id: owner_id, caller } = await signUp(api, "ada@example.org");
  const { tx_hash } = await log(caller, 1);
  const statuses = ["confirmed", "failed", "confirmed", "failed"] as const;
  const recorded = await Promise.all(
    statuses.map((status) => recordTransactionStatus(api.deps, { owner_id, tx_hash, status })),
  );
  expect(recorded.filter((isRecorded) => isRecorded)).toHaveLength(1);
  expect(await verifyTransactionChain(api.deps, owner_id)).toMatchObject({ position: 2 });
});

it("chains 50 parallel transactions of a user without a gap or a fork", async () => {
  await using api = await createTestApi();
  const ada = await createLog(api);
  await Promise.all(Array.from({ length: 50 }, (_, number) => log(ada.caller, 100 + number)));
  const entries = await readEntries(ada.caller);
  expect(entries).toHaveLength(55);
  expect(new Set(entries.map(({ previous_hash }) => previous_hash)).size).toBe(55);
  expect(await verifyTransactionChain(api.deps, ada.id)).toMatchObject({ position: 55 });
});

it("lets a client check its own log with nothing but the response", async () => {
  await using api = await createTestApi();
  const ada = await createLog(api);
  const entries = await readEntries(ada.caller);
  expect(verify(entries)).toBeUndefined();
  const [, second, third] = entries;
  if (second === undefined || third === undefined) throw new Error("There are more entries.");
  expect(verify(entries.with(1, { ...second, amount: "1.5" }))).toBe(2);
  expect(verify(entries.toSpliced(1, 1))).toBe(3);
  expect(verify(entries.with(1, third).with(2, second))).toBe(3);

  function verify(oldestFirst: readonly TransactionEntry[]): number | undefined {
    let latest = "0".repeat(64);
    for (const { content_hash, previous_hash, hash, ...content } of oldestFirst) {
      const { position } = content;
      const link = sha256(Buffer.from(previous_hash + content_hash, "hex"));
      const isWhole = sha256(canonicalJson(content)) === content_hash && link === hash;
      if (!isWhole || previous_hash !== latest) return position;
      latest = hash;
    }
    return undefined;
  }
  function sha256(bytes: string | Uint8Array): string {
    return createHash("sha256").update(bytes).digest("hex");
  }
  function canonicalJson(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const fields = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join()}}`;
  }
});

it("still holds after the account was erased", async () => {
  await using api = await createTestApi();
  const ada = await createLog(api);
  const before = await verifyTransactionChain(api.deps, ada.id);
  await ada.caller.users.schedule_deletion();
  api.clock.advance(14 * 24 * 60 * 60_000);
  expect(await eraseDueAccounts(api.deps, new AbortController().signal)).toBe(1);
  expect(await verifyTransactionChain(api.deps, ada.id)).toEqual(before);
});

/** What somebody with all rights on the database could do. Check constraints hold even then. */
const tamperings: { name: string; statements: string[]; found: { position: number; fault: string } }[] = [
  {
    name: "a changed amount",
    statements: ["update transactions set amount = 15 where owner_id = $user and tx_hash = $second"],
    found: { position: 2, fault: "content" },
  },
  {
    name: "an amount of another scale",
    statements: ["update transactions set amount = 1.5 where owner_id = $user and tx_hash = $second"],
    found: { position: 2, fault: "content" },
  },
  {
    name: "a changed detail",
    statements: [
      `update transactions set details = details || '{"number": 7}' where owner_id = $user and tx_hash = $second`,
    ],
    found: { position: 2, fault: "content" },
  },
  {
    name: "a changed status",
    statements: ["update transaction_statuses set status = 'failed' where owner_id = $user and position = 4"],
    found: { position: 4, fault: "content" },
  },
  {
    name: "a status that was made final, with its hashes made to fit",
    statements: [
      `update transaction_statuses set status = 'confirmed', content_hash = sha256('x'), hash = sha256(previous_hash || sha256('x'))
        where owner_id = $user and position = 3`,
    ],
    found: { position: 3, fault: "content" },
  },
  {
    name: "a removed entry",
    statements: ["delete from transaction_statuses where owner_id = $user and position = 3"],
    found: { position: 3, fault: "order" },
  },
  {
    name: "a removed transaction",
    statements: ["delete from transactions where owner_id = $user and tx_hash = $second"],
    found: { position: 2, fault: "order" },
  },
  {
    name: "a removed entry whose gap was closed",
    statements: [
      "delete from transaction_statuses where owner_id = $user and position = 3",
      "update transaction_statuses set position = 3 where owner_id = $user and position = 4",
      "update transaction_statuses set position = 4 where owner_id = $user and position = 5",
    ],
    found: { position: 3, fault: "link" },
  },
  {
    name: "two entries that have changed places",
    statements: [
      "update transaction_statuses set position = 1000 where owner_id = $user and position = 3",
      "update transaction_statuses set position = 3 where owner_id = $user and position = 4",
      "update transaction_statuses set position = 4 where owner_id = $user and position = 1000",
    ],
    found: { position: 3, fault: "link" },
  },
  {
    name: "an entry of another user in the place of one",
    statements: [
      "delete from transaction_statuses where owner_id = $user and position = 3",
      "update transaction_statuses set owner_id = $user where owner_id = $other and position = 3",
    ],
    found: { position: 3, fault: "order" },
  },
  {
    name: "a transaction that was given to another user",
    statements: [
      "update transactions set owner_id = $other, tx_hash = $fresh where owner_id = $user and tx_hash = $second",
    ],
    found: { position: 2, fault: "order" },
  },
  {
    name: "a transaction that is left without its entries",
    statements: ["delete from transaction_statuses where owner_id = $user and position = 5"],
    found: { position: 5, fault: "order" },
  },
];

it.each(tamperings)("finds $name, and where", async ({ statements, found }) => {
  await using api = await createTestApi();
  const { db } = api.deps;
  const ada = await createLog(api);
  const eve = await createLog(api, "eve@example.org");
  await withoutRules(db, async (trx) => {
    for (const statement of statements) {
      const filled = statement
        .replaceAll("$user", `'${ada.id}'`)
        .replaceAll("$other", `'${eve.id}'`)
        .replaceAll("$second", `'${hashOf(2)}'`)
        .replaceAll("$fresh", `'${hashOf(99)}'`);
      await sql.raw(filled).execute(trx);
    }
  });
  expect(await verifyTransactionChain(api.deps, ada.id)).toEqual(found);
});

it("vouches for nothing about a transaction that is not in its user's chain", async () => {
  await using api = await createTestApi();
  const { db } = api.deps;
  const ada = await createLog(api);
  const eve = await signUp(api, "eve@example.org");
  const before = await ada.caller.transactions.list({});
  await withoutRules(db, async (trx) => {
    // As high as it is, it would be the newest.
    await sql`insert into transaction_statuses
        (id, transaction_id, status, observed_at, owner_id, position, hash_version, content_hash, previous_hash, hash)
      select gen_random_uuid(), transaction_id, 'failed', observed_at, ${eve.id}, 1000, 2, content_hash, previous_hash, hash
      from transaction_statuses where owner_id = ${ada.id} and position = 1`.execute(trx);
  });
  expect(await ada.caller.transactions.list({})).toEqual(before);
  expect(await ada.caller.transactions.get({ tx_hash: hashOf(1) })).toMatchObject({ status: "pending" });
});

it("finds that the newest entries are cut off, and a hash that was kept elsewhere tells it, too", async () => {
  await using api = await createTestApi();
  const { db } = api.deps;
  const ada = await createLog(api);
  const kept = await verifyTransactionChain(api.deps, ada.id);
  await withoutRules(db, async (trx) => {
    await sql`delete from transaction_statuses where transaction_id =
      (select id from transactions where tx_hash = ${hashOf(4)})`.execute(trx);
    await trx.deleteFrom("transactions").where("tx_hash", "=", hashOf(4)).execute();
  });
  const found = await verifyTransactionChain(api.deps, ada.id);
  expect(kept).toMatchObject({ position: 5, hash: expect.any(Uint8Array) });
  expect(found).toEqual({ position: 5, fault: "order" });
});

it("follows a log that is longer than what it reads at once", async () => {
  await using api = await createTestApi();
  const { db } = api.deps;
  const { id, caller } = await signUp(api, "ada@example.org");
  await log(caller, 1);
  await sql`insert into transactions (id, owner_id, tx_hash, tx_type, amount, details, suggestion_id, created_at)
    select gen_random_uuid(), ${id}, '0x' || lpad(to_hex(number + 16), 64, '0'), 'deposit', number, '{}', null, '2026-01-01'
    from generate_series(1, 1100) as number`.execute(db);
  await sql`insert into transaction_statuses (id, transaction_id, status, observed_at)
    select gen_random_uuid(), id, 'pending', created_at from transactions where tx_hash <> ${hashOf(1)} order by amount`.execute(
    db,
  );
  expect(await verifyTransactionChain(api.deps, id)).toMatchObject({
    position: 1101,
    hash: expect.any(Uint8Array),
  });
  await withoutRules(db, async (trx) => {
    await sql`update transactions set amount = 7 where amount = 1049`.execute(trx);
  });
  expect(await verifyTransactionChain(api.deps, id)).toEqual({ position: 1050, fault: "content" });
});
