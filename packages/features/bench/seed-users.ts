import type { Database } from "@obsqra/db";
import { sql } from "kysely";

/** A user who is signed in. */
export interface SeededUser {
  readonly user_id: string;
  readonly session_id: string;
}

/**
 * Adds users with a session and so many logged transactions each. The database chains the log, as it always does; only passwords,
 * which take a second to hash, and events are left out.
 */
export async function seedUsers(
  db: Database,
  { users, transactions }: { readonly users: number; readonly transactions: number },
): Promise<readonly SeededUser[]> {
  const { rows } = await sql<SeededUser>`
    with account as (
      insert into users (id, email, email_verified_at, full_name, wallet_address, preferences, created_at, updated_at)
      select gen_random_uuid(), 'user-' || number || '@example.org', now(), 'User ' || number,
        '0x' || lpad(to_hex(number), 64, '0'), '{}', now(), now()
      from generate_series(1, ${users}::int) as number
      returning id
    )
    insert into auth_sessions (id, user_id, created_at, last_used_at, expires_at, ip, user_agent)
    select gen_random_uuid(), id, now(), now(), now() + interval '1 day', '127.0.0.1', 'bench' from account
    returning user_id, id as session_id`.execute(db);
  // One of each user at a time: in one transaction, each one leaves a version of its user's row in `storage_use` to step over.
  for (let number = 1; number <= transactions; number += 1) {
    await sql`
      with logged as (
        insert into transactions (id, owner_id, tx_hash, tx_type, amount, details, created_at)
        select gen_random_uuid(), id, '0x0' || left(encode(sha256((id::text || ${number}::int)::bytea), 'hex'), 63),
          'deposit', ${number}::int * 12.5,
          jsonb_build_object('token', 'USDC', 'note', 'transaction ' || ${number}::int),
          date_trunc('milliseconds', now()) - make_interval(mins => ${transactions - number}::int)
        from users
        returning id, created_at
      )
      insert into transaction_statuses (id, transaction_id, status, observed_at)
      select gen_random_uuid(), id, 'pending', created_at from logged`.execute(db);
  }
  await sql`vacuum analyze`.execute(db);
  return rows;
}

/** A table for those who log transactions without promises: as ours, without triggers and references. */
export async function createPeerTables(db: Database): Promise<void> {
  await sql`create schema peers`.execute(db);
  await sql`create table peers.transactions (like public.transactions including all)`.execute(db);
}
