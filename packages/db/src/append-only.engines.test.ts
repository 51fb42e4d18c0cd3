import { sql } from "kysely";
import { describe, expect, inject, it } from "vitest";
import type { Database } from "./index.ts";
import { createTestDatabase } from "./testing/index.ts";

const userId = "01900000-0000-7000-8000-000000000001";
const transactionId = "01900000-0000-7000-8000-000000000002";
const statusId = "01900000-0000-7000-8000-000000000003";
const eventId = "01900000-0000-7000-8000-000000000004";

async function logTransaction(db: Database): Promise<void> {
  const now = new Date("2026-01-01T00:00:00Z");
  await db
    .insertInto("users")
    .values({
      id: userId,
      email: "ada@example.org",
      email_verified_at: null,
      full_name: "Ada",
      wallet_address: null,
      preferences: "{}",
      created_at: now,
      updated_at: now,
    })
    .execute();
  await db
    .insertInto("transactions")
    .values({
      id: transactionId,
      owner_id: userId,
      tx_hash: `0x${"0".repeat(63)}1`,
      tx_type: "deposit",
      amount: "123456789012345678901234567890.123456789012345678",
      details: "{}",
      suggestion_id: null,
      created_at: now,
    })
    .execute();
  await db
    .insertInto("transaction_statuses")
    .values({ id: statusId, transaction_id: transactionId, status: "pending", observed_at: now })
    .execute();
}

it.each([
  "update transactions set amount = 1",
  "delete from transactions",
  "truncate transactions cascade",
  "update transaction_statuses set status = 'confirmed'",
  "update transaction_statuses set position = 2",
  "delete from transaction_statuses",
  "truncate transaction_statuses",
])("refuses to change a logged transaction: %s", async (statement) => {
  await using database = await createTestDatabase();
  await logTransaction(database.db);
  await expect(sql.raw(statement).execute(database.db)).rejects.toMatchObject({ code: "23001" });
});

function insertStatus(db: Database, id: string, status: string): Promise<unknown> {
  return sql`insert into transaction_statuses (id, transaction_id, status, observed_at)
    values (${id}, ${transactionId}, ${status}, '2026-01-02')`.execute(db);
}

it("takes one final status after pending, and no status that cannot follow the last one", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await logTransaction(db);
  await expect(insertStatus(db, eventId, "pending")).rejects.toMatchObject({ code: "23001" });
  await insertStatus(db, eventId, "failed");
  for (const status of ["pending", "confirmed", "failed"]) {
    await expect(insertStatus(db, userId, status), status).rejects.toMatchObject({ code: "23001" });
  }
});

it("gives an entry of the log its place and hashes, whatever it asks for", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await logTransaction(db);
  await sql`insert into transaction_statuses
    (id, transaction_id, status, observed_at, owner_id, position, content_hash, previous_hash, hash)
    values (${eventId}, ${transactionId}, 'confirmed', '2026-01-02', ${eventId}, 7, sha256('a'), sha256('b'), sha256('c'))`.execute(
    db,
  );
  const { rows } = await sql`select position::int, owner_id, content_hash = sha256('a') as is_as_asked,
    lag(hash) over (order by position) = previous_hash as follows, hash = sha256(previous_hash || content_hash) as holds
    from transaction_statuses order by position`.execute(db);
  const entry = { owner_id: userId, is_as_asked: false, holds: true };
  expect(rows).toEqual([
    { ...entry, position: 1, follows: null },
    { ...entry, position: 2, follows: true },
  ]);
});

it.each(["1e78", "0.0000000000000000001", "NaN", "Infinity", "-1"])(
  "refuses the amount %s",
  async (amount) => {
    await using database = await createTestDatabase();
    const { db } = database;
    await logTransaction(db);
    const another = sql`insert into transactions (id, owner_id, tx_hash, tx_type, amount, details, created_at)
    values (${eventId}, ${userId}, ${`0x${"0".repeat(63)}2`}, 'deposit', ${amount}, '{}', '2026-01-01')`;
    await expect(another.execute(db)).rejects.toMatchObject({ code: "23514" });
  },
);

it.each([
  "update protocol_statuses set status = 'active'",
  "delete from protocol_statuses where decided_by = 'operator'",
  "truncate protocol_statuses",
  "delete from protocols",
])("refuses to change what was decided about a protocol: %s", async (statement) => {
  await using database = await createTestDatabase();
  const { db } = database;
  await sql`insert into protocols (name, display_name, kind, status, audit_score, incidents)
    values ('vesu', 'Vesu', 'lending', 'active', 80, '[]')`.execute(db);
  await sql`insert into protocol_statuses (protocol, decided_by, status, status_since, evidence_url, decided_at)
    values ('vesu', 'operator', 'exploited', now(), 'https://example.org', now())`.execute(db);
  const history = () => sql`select * from protocol_statuses order by sequence`.execute(db);
  const { rows } = await history();
  expect(rows).toMatchObject([
    { decided_by: "registry", status: "active" },
    { decided_by: "operator", status: "exploited" },
  ]);
  await expect(sql.raw(statement).execute(db)).rejects.toMatchObject({ code: expect.stringMatching(/^23/) });
  expect((await history()).rows).toEqual(rows);
});

it.each(["update protocol_kinds set kind = 'dex'", "delete from protocol_kinds", "truncate protocol_kinds"])(
  "refuses to change what was decided about kinds: %s",
  async (statement) => {
    await using database = await createTestDatabase();
    const { db } = database;
    await sql`insert into protocols (name, display_name, kind, status, audit_score, incidents)
      values ('vesu', 'Vesu', 'unknown', 'active', 80, '[]')`.execute(db);
    await sql`insert into protocol_kinds (id, protocol, kind, decided_at)
      values (gen_random_uuid(), 'vesu', 'lending', now())`.execute(db);
    await expect(sql.raw(statement).execute(db)).rejects.toMatchObject({
      code: expect.stringMatching(/^23/),
    });
  },
);

it("keeps every digit of an amount", async () => {
  await using database = await createTestDatabase();
  await logTransaction(database.db);
  const row = await database.db.selectFrom("transactions").select("amount").executeTakeFirstOrThrow();
  expect(row.amount).toBe("123456789012345678901234567890.123456789012345678");
});

it.each(["delete from users", "truncate users cascade"])(
  "refuses to remove a user, with a log or without: %s",
  async (statement) => {
    await using database = await createTestDatabase();
    await logTransaction(database.db);
    await expect(sql.raw(statement).execute(database.db)).rejects.toMatchObject({ code: "23001" });
  },
);

it.each([
  "update chained_logs set owner_id = gen_random_uuid()",
  "update chained_logs set end_position = end_position + 1",
  "update chained_logs set end_hash = sha256('x')",
  "delete from chained_logs",
  "truncate chained_logs cascade",
  "insert into chained_logs select position + 1, log, gen_random_uuid(), old_length, old_digest, content_hash, hash, sha256(hash || content_hash), end_position, end_hash from chained_logs",
])("refuses to change the list of logs: %s", async (statement) => {
  await using database = await createTestDatabase();
  await logTransaction(database.db);
  await expect(sql.raw(statement).execute(database.db)).rejects.toMatchObject({ code: "23001" });
});

async function recordEvent(db: Database, id = eventId): Promise<void> {
  await db
    .insertInto("audit_events")
    .values({
      id,
      user_id: userId,
      type: "logged_in",
      occurred_at: new Date("2026-01-01T00:00:00Z"),
      ip: "192.0.2.1",
      user_agent: "Firefox",
      details: '{"session_id":"1"}',
      salt: new Uint8Array(16),
    })
    .execute();
}

const erasure = "update audit_events set ip = null, user_agent = null, details = '{}', salt = null";

it.each([
  "update audit_events set type = 'logged_out'",
  "update audit_events set ip = null",
  erasure,
  "update audit_events set position = 2",
  "delete from audit_events",
  "truncate audit_events cascade",
])("refuses to change an event of the audit log: %s", async (statement) => {
  await using database = await createTestDatabase();
  await logTransaction(database.db);
  await recordEvent(database.db);
  await expect(sql.raw(statement).execute(database.db)).rejects.toMatchObject({ code: "23001" });
});

it.each([
  "update events set subject = 'another'",
  "update events set transaction_id = transaction_id + 1",
  "delete from events",
  "truncate events",
])("refuses to change an event: %s", async (statement) => {
  await using database = await createTestDatabase();
  await sql`insert into events (id, type, subject, payload, occurred_at)
    values (${eventId}, 'user.registered', ${userId}, '{}', '2026-01-01')`.execute(database.db);
  await expect(sql.raw(statement).execute(database.db)).rejects.toMatchObject({ code: "23001" });
});

it("lets the personal part of an audit log go once the account is erased, as a whole, and nothing else", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await logTransaction(db);
  await recordEvent(db);
  await db
    .updateTable("users")
    .set({ erased_at: new Date("2026-02-01T00:00:00Z") })
    .execute();
  for (const statement of [
    "update audit_events set ip = null",
    `${erasure}, type = 'logged_out'`,
    `${erasure}, content_hash = sha256('another')`,
    `${erasure}, personal_hash = sha256('another')`,
    "update audit_events set ip = '192.0.2.2'",
    "delete from audit_events",
  ]) {
    await expect(sql.raw(statement).execute(db), statement).rejects.toMatchObject({ code: "23001" });
  }
  await sql.raw(erasure).execute(db);
  const left = db.selectFrom("audit_events").select(["type", "ip", "user_agent", "details", "salt"]);
  expect(await left.execute()).toEqual([
    { type: "logged_in", ip: null, user_agent: null, details: {}, salt: null },
  ]);
});

it("gives an event its place in the chain, whatever place it asks for", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await logTransaction(db);
  await recordEvent(db);
  await sql`insert into audit_events (id, user_id, position, type, occurred_at, details, content_hash, previous_hash, hash)
    values (${transactionId}, ${userId}, 7, 'logged_out', '2026-01-02', '{}', sha256('content'), sha256('a'), sha256('b'))`.execute(
    db,
  );
  const { rows } =
    await sql`select position::int, previous_hash = decode(repeat('00', 32), 'hex') as is_first,
    lag(hash) over (order by position) = previous_hash as follows, hash = sha256(previous_hash || content_hash) as holds
    from audit_events order by position`.execute(db);
  expect(rows).toEqual([
    { position: 1, is_first: true, follows: null, holds: true },
    { position: 2, is_first: false, follows: true, holds: true },
  ]);
});

// PGlite runs one transaction at a time.
describe.runIf(inject("databaseEngine") === "postgres")("recording an event on a server", () => {
  it("does not block a transaction that has changed the account and then records one, too", async () => {
    await using database = await createTestDatabase();
    const { db } = database;
    await logTransaction(db);
    let beside: Promise<void> | undefined;
    await db.transaction().execute(async (trx) => {
      await trx.updateTable("users").set({ email: "ada@example.com" }).execute();
      beside = recordEvent(db);
      await waitForALock(db);
      await recordEvent(trx, statusId);
    });
    await beside;
    const events = await db.selectFrom("audit_events").select("id").orderBy("position").execute();
    expect(events.map(({ id }) => id)).toEqual([statusId, eventId]);
  });

  it("does not wait for a transaction that holds the account and waits for this one", async () => {
    await using database = await createTestDatabase();
    const { db } = database;
    await logTransaction(db);
    const now = new Date("2026-01-01T00:00:00Z");
    await db
      .insertInto("auth_sessions")
      .values({ id: statusId, user_id: userId, created_at: now, last_used_at: now, expires_at: now })
      .execute();
    let beside: Promise<unknown> | undefined;
    await db.transaction().execute(async (trx) => {
      await trx.updateTable("auth_sessions").set({ revoked_at: now }).execute();
      beside = db.transaction().execute(async (other) => {
        await other.selectFrom("users").select("id").forNoKeyUpdate().execute();
        await other.updateTable("auth_sessions").set({ revoke_reason: "logged out everywhere" }).execute();
      });
      await waitForALock(db);
      await recordEvent(trx);
    });
    await beside;
    expect(await db.selectFrom("audit_events").select("id").execute()).toEqual([{ id: eventId }]);
  });
});

/** Until some connection waits for another one's lock. */
async function waitForALock(db: Database): Promise<void> {
  while (true) {
    const { rows } = await sql`select 1 from pg_locks where not granted`.execute(db);
    if (rows.length > 0) return;
  }
}
