// Compatible: an older server goes on logging beside one of this version. The database chains what it writes, because the
// database computes what is hashed. Until the existing rows are chained, the log can be neither read nor written.

import { type Kysely, sql } from "kysely";

/** Chains the log of transactions per user, and refuses statuses that cannot follow the last one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...canonicalJson, ...columns, ...existingEntries, ...rules]) {
    await sql.raw(statement).execute(db);
  }
}

// Canonical JSON is RFC 8785: https://www.rfc-editor.org/rfc/rfc8785
const canonicalJson = [
  // Section 3.2.3 sorts names by their UTF-16 code units; as text of a fixed width, they sort like text.
  `create function utf16_hex(name text) returns text language sql immutable as $$
    select coalesce(string_agg(case when point < 65536 then lpad(to_hex(point), 4, '0')
      else to_hex(55296 + (point - 65536) / 1024) || to_hex(56320 + (point - 65536) % 1024) end, '' order by place), '')
    from unnest(string_to_array(name, null)) with ordinality as letters (letter, place), ascii(letter) as point
  $$`,
  // Section 3.2.2.3 writes numbers as ECMAScript does. The digits are those that JSON.stringify wrote.
  `create function canonical_number(value numeric) returns text language plpgsql immutable as $$
  declare
    whole text := split_part(abs(value)::text, '.', 1);
    fraction text := split_part(abs(value)::text, '.', 2);
    digits text := trim(both '0' from whole || fraction);
    exponent integer := case when abs(value) >= 1 then length(whole) - 1
      else length(ltrim(fraction, '0')) - length(fraction) - 1 end;
  begin
    if value = 0 or (abs(value) >= 1e-6 and abs(value) < 1e21) then
      return trim_scale(value)::text;
    end if;
    return case when value < 0 then '-' else '' end || left(digits, 1)
      || case when length(digits) > 1 then '.' || substr(digits, 2) else '' end
      || case when exponent < 0 then 'e-' else 'e+' end || abs(exponent);
  end $$`,
  `create function canonical_json(value jsonb) returns text language plpgsql immutable as $$
  begin
    case jsonb_typeof(value)
      when 'object' then
        return (select '{' || coalesce(string_agg(to_jsonb(name)::text || ':' || canonical_json(field), ','
          order by utf16_hex(name) collate "C"), '') || '}' from jsonb_each(value) as fields (name, field));
      when 'array' then
        return (select '[' || coalesce(string_agg(canonical_json(item), ',' order by place), '') || ']'
          from jsonb_array_elements(value) with ordinality as items (item, place));
      when 'number' then
        return canonical_number(value::numeric);
      else
        return value::text;
    end case;
  end $$`,
  // As the API shows an entry.
  `create function hash_transaction_entry(logged transactions, status text, observed_at timestamptz) returns bytea
    language sql stable as $$
    select sha256(convert_to(canonical_json(jsonb_build_object(
      'transaction_id', logged.id,
      'tx_hash', logged.tx_hash,
      'tx_type', logged.tx_type,
      'amount', logged.amount::text,
      'details', logged.details,
      'suggestion_id', logged.suggestion_id,
      'created_at', to_char(logged.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'status', status,
      'observed_at', to_char(observed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    )), 'UTF8'))
  $$`,
];

// No foreign key to users: it would delete a status before its transaction, which the rule on deletions refuses.
const columns = [
  `alter table transaction_statuses
    add column user_id uuid,
    add column position bigint check (position > 0),
    add column content_hash bytea check (length(content_hash) = 32),
    add column previous_hash bytea check (length(previous_hash) = 32),
    add column hash bytea check (hash = sha256(previous_hash || content_hash))`,
];

const existingEntries = [
  `alter table transaction_statuses disable trigger transaction_statuses_append_only`,
  `do $$
  declare
    entry record;
    latest transaction_statuses;
  begin
    for entry in
      select seen.id, logged.user_id, hash_transaction_entry(logged, seen.status, seen.observed_at) as content_hash
      from transaction_statuses as seen join transactions as logged on logged.id = seen.transaction_id
      order by logged.user_id, seen.sequence
    loop
      if latest.user_id is distinct from entry.user_id then
        latest.position := 0;
        latest.hash := decode(repeat('00', 32), 'hex');
      end if;
      update transaction_statuses set
        user_id = entry.user_id,
        position = latest.position + 1,
        content_hash = entry.content_hash,
        previous_hash = latest.hash,
        hash = sha256(latest.hash || entry.content_hash)
      where id = entry.id returning * into latest;
    end loop;
  end $$`,
  `alter table transaction_statuses enable trigger transaction_statuses_append_only`,
];

const rules = [
  `alter table transaction_statuses
    alter column user_id set not null,
    alter column position set not null,
    alter column content_hash set not null,
    alter column previous_hash set not null,
    alter column hash set not null,
    add unique (user_id, position)`,
  `drop index transaction_statuses_newest`,
  `create index transaction_statuses_newest on transaction_statuses (transaction_id, position desc)`,
  `create function chain_transaction_entry() returns trigger language plpgsql as $$
  declare
    logged transactions;
    latest record;
    known text;
  begin
    select * into logged from transactions where id = new.transaction_id;
    -- First the row that logging a transaction locks, or a transaction that changes this row and then logs could wait
    -- for this one, and this one for it.
    perform from users where id = logged.user_id for key share;
    -- Two entries of a user at once would otherwise follow the same one.
    perform pg_advisory_xact_lock(hashtextextended('transactions ' || logged.user_id, 0));
    select status into known from transaction_statuses where transaction_id = logged.id order by position desc limit 1;
    if known is distinct from (case new.status when 'pending' then null else 'pending' end) then
      raise exception 'a transaction that is % cannot become %', coalesce(known, 'new'), new.status
        using errcode = 'restrict_violation';
    end if;
    select position, hash into latest from transaction_statuses where user_id = logged.user_id
      order by position desc limit 1;
    new.user_id := logged.user_id;
    new.position := coalesce(latest.position, 0) + 1;
    new.content_hash := hash_transaction_entry(logged, new.status, new.observed_at);
    new.previous_hash := coalesce(latest.hash, decode(repeat('00', 32), 'hex'));
    new.hash := sha256(new.previous_hash || new.content_hash);
    return new;
  end $$`,
  `create trigger transaction_statuses_chain before insert on transaction_statuses
    for each row execute function chain_transaction_entry()`,
  // Up to 78 digits, as many as 2^256 has, and 18 decimals. Refuses NaN, too, which sorts above every number.
  `alter table transactions add check (amount < 1e78 and scale(amount) <= 18)`,
];
