// A server of the previous version cannot show transactions that became `not_found` or `unverified`: it returns 500 for lists of them.

import { type Kysely, sql } from "kysely";

/**
 * Lets a transaction be one that the chain does not show, or that another account has sent, and remembers which transactions the
 * chain is still to be asked about.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of rules) await sql.raw(statement).execute(db);
}

const rules = [
  `create table open_transactions (
    transaction_id uuid primary key references transactions,
    next_check_at timestamptz not null
  )`,
  `create index open_transactions_next_check_at on open_transactions (next_check_at)`,
  `alter table transaction_statuses drop constraint transaction_statuses_status_check`,
  `alter table transaction_statuses add constraint transaction_statuses_status_check
    check (status in ('pending', 'confirmed', 'failed', 'not_found', 'unverified'))`,
  `create or replace function chain_transaction_entry() returns trigger language plpgsql as $$
  declare
    logged transactions;
    latest record;
  begin
    select * into logged from transactions where id = new.transaction_id;
    -- First the row that logging a transaction locks, or a transaction that changes this row and then logs could wait
    -- for this one, and this one for it.
    perform from users where id = logged.owner_id for key share;
    -- Two entries of an owner at once would otherwise follow the same one.
    perform pg_advisory_xact_lock(hashtextextended('transactions ' || logged.owner_id, 0));
    select
      (select status from transaction_statuses where transaction_id = logged.id order by position desc limit 1) as status,
      newest.position, newest.hash
      into latest
      from (values (1)) as always left join lateral (
        select position, hash from transaction_statuses where owner_id = logged.owner_id order by position desc limit 1
      ) as newest on true;
    if (
      case latest.status
        when 'pending' then new.status = 'pending'
        when 'unverified' then new.status <> 'confirmed'
        else latest.status is not null or new.status <> 'pending'
      end
    ) then
      raise exception 'a transaction that is % cannot become %', coalesce(latest.status, 'new'), new.status
        using errcode = 'restrict_violation';
    end if;
    new.hash_version := 2;
    new.owner_id := logged.owner_id;
    new.position := coalesce(latest.position, 0) + 1;
    new.content_hash := hash_placed_entry(logged, new);
    new.previous_hash := coalesce(latest.hash, decode(repeat('00', 32), 'hex'));
    new.hash := sha256(new.previous_hash || new.content_hash);
    perform move_log_end('transactions', new.owner_id, new.position, new.hash);
    return new;
  end $$`,
];
