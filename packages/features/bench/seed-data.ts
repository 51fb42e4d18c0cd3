import type { Database } from "@obsqra/db";
import { withoutRules } from "@obsqra/db/testing";
import { sql } from "kysely";
import { renewProtocolFigures } from "../src/market/protocol-figures.queries.ts";

/** Risk history of so many markets. */
export interface HistorySize {
  readonly markets: number;
  readonly protocols: number;
  readonly days: number;
}

/** Adds risk history of a source up to yesterday, market by market as imports do, and the figures of protocols that follow. */
export async function seedHistory(db: Database, source: string, size: HistorySize): Promise<void> {
  const { markets, protocols, days } = size;
  await withoutRules(db, async (trx) => {
    await sql`set local statement_timeout = 0`.execute(trx);
    await sql`
      insert into protocols (name, display_name, kind, status, status_decided_by, audit_score, incidents)
      select 'protocol-' || number, 'Protocol ' || number, 'lending', 'active', 'registry', 80, '[]'
      from generate_series(1, ${protocols}::int) as number on conflict do nothing`.execute(trx);
    await sql`
      insert into markets (id, protocol, chain, symbol, kind)
      select ${source}::text || number, 'protocol-' || number % ${protocols}::int + 1, 'Starknet', 'T', 'lending'
      from generate_series(1, ${markets}::int) as number`.execute(trx);
    await sql`
      insert into risk_history (market_id, source, as_of, protocol, risk_score, utilization_bp, volatility_bp,
        liquidity_tier, audit_score, age_days, apy, tvl_usd, utilization)
      select ${source}::text || number, ${source}, date_trunc('day', now(), 'UTC') - make_interval(days => day),
        'protocol-' || number % ${protocols}::int + 1, 5 + (number + day) % 90, (number * 7 + day) % 10000,
        (number * 3 + day) % 10000, number % 4, 80, day, (number + day) % 30, 1e6 + number * 10 + day,
        (number + day) % 100 / 100.0
      from generate_series(1, ${markets}::int) as number, generate_series(1, ${days}::int) as day`.execute(
      trx,
    );
    await renewProtocolFigures(trx, source);
    await sql`
      insert into market_imports (id, source, simulated, content_sha256, report, observed_until, fetched_at, completed_at)
      values (gen_random_uuid(), ${source}, true, 'x', '{}', now(), now(), now())`.execute(trx);
  });
}

/**
 * Adds users with transactions, whose chains are none: the database would take a third of a millisecond to chain each.
 *
 * @param name of these users, among others
 * @returns the id of one of them
 */
export async function seedTransactions(
  db: Database,
  { name, users, perUser }: { readonly name: string; readonly users: number; readonly perUser: number },
): Promise<string> {
  const added = sql`(select id from users where email like ${`${name}-%`}) as added`;
  await withoutRules(db, async (trx) => {
    await sql`set local statement_timeout = 0`.execute(trx);
    await sql`
      insert into users (id, email, full_name, preferences, created_at, updated_at)
      select gen_random_uuid(), ${name}::text || '-' || number || '@example.org', 'User', '{}', now(), now()
      from generate_series(1, ${users}::int) as number`.execute(trx);
    // In the order in which they come in, so that a user's are all over the table.
    await sql`
      with logged as (
        insert into transactions (id, owner_id, tx_hash, tx_type, amount, details, created_at)
        select gen_random_uuid(), added.id, '0x0' || left(encode(sha256((added.id::text || number)::bytea), 'hex'), 63),
          (array['deposit', 'withdraw'])[number % 2 + 1], (number * 7919) % 1000, '{"token": "USDC"}',
          date_trunc('milliseconds', now()) - make_interval(mins => ${perUser}::int - number)
        from generate_series(1, ${perUser}::int) as number, ${added}
        returning id, owner_id, created_at
      )
      insert into transaction_statuses (id, transaction_id, status, observed_at, owner_id, position, hash_version,
        content_hash, previous_hash, hash)
      select gen_random_uuid(), id, 'pending', created_at, owner_id,
        row_number() over (partition by owner_id order by created_at), 2, sha256('x'), sha256('x'),
        sha256(sha256('x') || sha256('x'))
      from logged order by created_at`.execute(trx);
  });
  await sql`set statement_timeout = 0`.execute(db);
  await sql`vacuum analyze users, transactions, transaction_statuses`.execute(db);
  const { rows } = await sql<{ id: string }>`select id from ${added} limit 1`.execute(db);
  return rows[0]?.id ?? "";
}
