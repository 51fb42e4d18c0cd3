import { sql } from "kysely";
import type { TestApi } from "../../src/testing/index.ts";

const id = sql`gen_random_uuid()`;
const zeros = sql`decode(repeat('00', 32), 'hex')`;
const now = sql`date_trunc('milliseconds', now())`;
/** Hashes that fit each other, in chains that do not. */
const hashes = sql`sha256('x'), ${zeros}, sha256(${zeros} || sha256('x'))`;

/** Gives a user, and the market figures, so many rows, faster than the tables' rules would let anybody. */
export async function fillLists({ deps }: TestApi, userId: string, rows: number): Promise<void> {
  const numbers = sql`generate_series(1, ${rows}::int) as n`;
  const statements = [
    sql`insert into transactions (id, owner_id, tx_hash, tx_type, amount, details, created_at)
      select ${id}, ${userId}, '0x' || lpad(to_hex(n), 64, '0'), 'deposit', (n * 7919) % 1000, '{}', ${now}
      from ${numbers}`,
    sql`insert into transaction_statuses (id, transaction_id, status, observed_at, owner_id, position, hash_version,
        content_hash, previous_hash, hash)
      select ${id}, id, 'pending', ${now}, owner_id, row_number() over (), 1, ${hashes} from transactions`,
    sql`insert into allocation_history (id, owner_id, allocation_bp, reason, transaction_id, created_at)
      select ${id}, owner_id, '{}', 'x', id, now() from transactions`,
    sql`insert into rebalance_suggestions (id, owner_id, outcome, allocation_bp, answer, created_at)
      select ${id}, ${userId}, 'hold', '{}', ${JSON.stringify(emptySuggestion)}, now() from ${numbers}`,
    sql`insert into audit_events (id, user_id, type, occurred_at, details, salt, position, hash_version, content_hash,
        previous_hash, hash)
      select ${id}, ${userId}, 'logged_in', ${now}, '{}', '\\x00', n + 100, 1, ${hashes} from ${numbers}`,
    sql`insert into auth_sessions (id, user_id, created_at, last_used_at, expires_at)
      select ${id}, ${userId}, now(), now(), '2100-01-01' from ${numbers}`,
    sql`insert into passkeys (id, user_id, credential_id, public_key, counter, transports, name, is_synced, created_at)
      select ${id}, ${userId}, sha256(n::text::bytea), 'x', 0, '{}', 'x', true, now() from ${numbers}`,
    sql`insert into identities (id, user_id, issuer, subject, email, created_at)
      select ${id}, ${userId}, 'x', n::text, 'x', now() from ${numbers}`,
    sql`insert into remembered_devices (id, user_id, token_hash, created_at, last_used_at, expires_at)
      select ${id}, ${userId}, sha256(n::text::bytea), now(), now(), '2100-01-01' from ${numbers}`,
    sql`insert into api_keys (id, user_id, name, prefix, key_hash, scopes, created_at, expires_at)
      select ${id}, ${userId}, 'x', 'x', sha256(n::text::bytea), '{}', now(), '2100-01-01' from ${numbers}`,
    sql`insert into webhooks (id, owner_id, url, topics, status, secret_sealed, created_at, updated_at)
      select ${id}, ${userId}, 'https://example.org/', '{market}', 'paused', 'x', now(), now() from ${numbers}`,
    sql`insert into webhook_deliveries (id, webhook_id, owner_id, transaction_id, sequence, event_type, subject, body, status,
        created_at, ended_at)
      select ${id}, id, owner_id, 0, 0, 'webhook.test', 'x', '{}', 'delivered', now(), now() from webhooks`,
    sql`insert into webhook_attempts (id, delivery_id, webhook_id, owner_id, event_type, started_at, duration_ms,
        response_status)
      select ${id}, id, webhook_id, owner_id, 'webhook.test', now(), 1, 200 from webhook_deliveries`,
    sql`insert into markets (id, protocol, chain, symbol, kind)
      select 'market-' || n, 'nostra', 'Starknet', 'X', 'lending' from generate_series(1, 50) as n`,
    sql`insert into risk_history (market_id, source, as_of, protocol, risk_score, utilization_bp, volatility_bp,
        liquidity_tier, audit_score, age_days)
      select 'market-' || n % 50 + 1, ${deps.marketSource}, '2026-01-01'::timestamptz - make_interval(days => n / 50),
        'nostra', 50, 0, 0, 0, 50, 100 from generate_series(0, ${rows}::int - 1) as n`,
    sql`insert into protocol_risk_history (source, protocol, as_of, risk_score, volatility, market_count)
      select ${deps.marketSource}, 'protocol-' || n % 50, '2026-01-01'::timestamptz - make_interval(days => n / 50), 50, 0, 1
      from generate_series(0, ${rows}::int - 1) as n`,
    sql`delete from protocol_risk_changes`,
    sql`insert into predictions (id, kind, source, protocol, market_id, model_version, as_of, target_at, stale, value, lower,
        upper, interval_level, confidence, confidence_tolerance, current_value, baseline_value, served_by, details,
        created_at, on_record)
      select ${id}, case n % 2 when 0 then 'risk' else 'yield' end, ${deps.marketSource}, case n % 50 when 1 then 'nostra' else 'protocol-' || n % 50 end,
        case when n % 4 < 2 then 'market-' || n % 50 end, 'x', day, day + interval '7 days', false, 50, 40, 60, 0.9, 0.5, 1,
        50, 50, 'model', '{}', day, true
      from ${numbers}, make_interval(days => n / 50) as age, cast('2026-01-01'::timestamptz - age as timestamptz) as day`,
    sql`insert into suggestion_record (source, made_on, as_of, target_at, horizon_days, outcome, forced, expected_improvement,
        confidence, recorded_at)
      select ${deps.marketSource}, day, day, day, 1, 'hold', false, 0, 0.5, day
      from ${numbers}, make_interval(days => n / 50) as age, cast('2026-01-01'::timestamptz - age as timestamptz) as day`,
    sql`insert into market_imports (id, source, simulated, content_sha256, report, observed_until, fetched_at,
        completed_at)
      values (${id}, ${deps.marketSource}, true, 'x', '{}', '2026-01-01', now(), now())`,
  ];
  await deps.db.connection().execute(async (session) => {
    // Without triggers: they would chain what is added, one row after the other.
    await sql`set session_replication_role = replica`.execute(session);
    for (const statement of statements) await statement.execute(session);
    await sql`set session_replication_role = origin`.execute(session);
    await sql`analyze`.execute(session);
  });
}

/** A suggestion as it was given, with nothing in it. */
export const emptySuggestion = {
  id: "019bc186-de00-7000-8000-a19af8b2bbf6",
  created_at: "2026-01-15T12:00:00.000Z",
  outcome: "hold" as const,
  allocation: {},
  shares: [],
  risk_tolerance: "medium",
  reason: "x",
  expected_improvement: 0,
  expected_apy_before: null,
  expected_apy_after: 0,
  portfolio_risk: 0,
  turnover_percent: 0,
  confidence: 0,
  binding_limits: [],
  excluded: [],
  model_versions: { risk: "x", yield: "x" },
  data_source: { name: "simulated", simulated: true, replay: false, as_of: null, fetched_at: null },
};
