import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "../database.ts";
import { migrate } from "../migrate.ts";
import { createTestDatabase } from "../testing/index.ts";
import { migrateAfresh } from "../testing/migrate-afresh.ts";

function id(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

const wallet = `0x${"0".repeat(61)}ada`;

/** A database as the previous version left it: one user with a linked wallet, one without, both signed in. */
async function downgrade(db: Database): Promise<void> {
  await migrateAfresh(db, "0002-champion-and-challenger");
  await insertUser(db, 1, wallet);
  await insertUser(db, 2, null);
}

/** As an older server does: with the columns that it knows. */
async function insertUser(db: Database, number: number, walletAddress: string | null): Promise<void> {
  const [user, session] = [id(number), id(number + 100)];
  await sql`insert into users
    (id, email, email_verified_at, full_name, wallet_address, preferences, created_at, updated_at)
    values (${user}, ${`${number}@example.org`}, null, 'Ada', ${walletAddress}, '{"risk_tolerance":"low"}',
      '2026-01-01', '2026-01-02')`.execute(db);
  await sql`insert into user_passwords (user_id, hash, changed_at) values (${user}, '$argon2id$', '2026-01-01')`.execute(
    db,
  );
  await sql`insert into auth_sessions (id, user_id, created_at, last_used_at, expires_at, ip, user_agent)
    values (${session}, ${user}, '2026-01-01', '2026-01-01', '2026-03-01', '192.0.2.1', 'Firefox')`.execute(
    db,
  );
  await sql`insert into auth_refresh_tokens (token_hash, session_id, created_at, expires_at)
    values (sha256(convert_to(cast(${user} as text), 'UTF8')), ${session}, '2026-01-01', '2026-01-15')`.execute(
    db,
  );
  await sql`insert into auth_one_time_tokens
    (token_hash, purpose, user_id, subject, payload, created_at, expires_at)
    values (sha256(convert_to(cast(${session} as text), 'UTF8')), 'wallet_challenge', ${user}, ${wallet}, '{}', '2026-01-01', '2026-01-02')`.execute(
    db,
  );
}

it("keeps existing accounts, and makes their linked wallets the first of several", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await downgrade(db);
  expect(await migrate(db)).toContain("0003-accounts");
  const users = db.selectFrom("users").orderBy("id");
  expect(
    await users.select(["id", "wallet_address", "preferences", "erase_after", "erased_at"]).execute(),
  ).toEqual([
    {
      id: id(1),
      wallet_address: wallet,
      preferences: { risk_tolerance: "low" },
      erase_after: null,
      erased_at: null,
    },
    {
      id: id(2),
      wallet_address: null,
      preferences: { risk_tolerance: "low" },
      erase_after: null,
      erased_at: null,
    },
  ]);
  const wallets = db.selectFrom("user_wallets").select(["address", "user_id", "state", "signature"]);
  expect(await wallets.execute()).toEqual([
    { address: wallet, user_id: id(1), state: "deployed", signature: null },
  ]);
  for (const table of [
    "user_passwords",
    "auth_sessions",
    "auth_refresh_tokens",
    "auth_one_time_tokens",
  ] as const) {
    expect(await db.selectFrom(table).selectAll().execute(), table).toHaveLength(2);
  }
  expect(await db.selectFrom("audit_events").selectAll().execute()).toEqual([]);
});

it("lets a server of the previous version go on registering and linking wallets", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await downgrade(db);
  await migrate(db);
  const another = `0x${"0".repeat(61)}ace`;
  await insertUser(db, 3, another);
  await sql`update users set wallet_address = null where id = ${id(1)}`.execute(db);
  const users = db.selectFrom("users").select(["id", "wallet_address"]).orderBy("id");
  expect(await users.execute()).toEqual([
    { id: id(1), wallet_address: null },
    { id: id(2), wallet_address: null },
    { id: id(3), wallet_address: another },
  ]);
});

it("starts the audit log of an existing account with its next event", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await downgrade(db);
  await migrate(db);
  await sql`insert into audit_events (id, user_id, type, occurred_at, details, content_hash)
    values (${id(200)}, ${id(1)}, 'logged_in', '2026-02-01', '{}', sha256('content'))`.execute(db);
  const { rows } =
    await sql`select position::int, encode(previous_hash, 'hex') as previous from audit_events`.execute(db);
  expect(rows).toEqual([{ position: 1, previous: "0".repeat(64) }]);
});
