// Compatible: the hashes are the same to the byte, whichever version writes.

import { type Kysely, sql } from "kysely";

/** Writes what is hashed in a quarter of the time, and looks up what an entry follows in one statement. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...canonicalJson, ...chain]) await sql.raw(statement).execute(db);
}

const member = `to_json(name)::text || ':'
  || case when jsonb_typeof(field) in ('string', 'boolean', 'null') then field::text else canonical_json(field) end`;

const canonicalJson = [
  `create or replace function canonical_number(value numeric) returns text language plpgsql immutable as $$
  declare
    whole text;
    fraction text;
    digits text;
    exponent integer;
  begin
    if value = 0 or (abs(value) >= 1e-6 and abs(value) < 1e21) then
      return trim_scale(value)::text;
    end if;
    whole := split_part(abs(value)::text, '.', 1);
    fraction := split_part(abs(value)::text, '.', 2);
    digits := trim(both '0' from whole || fraction);
    exponent := case when abs(value) >= 1 then length(whole) - 1
      else length(ltrim(fraction, '0')) - length(fraction) - 1 end;
    return case when value < 0 then '-' else '' end || left(digits, 1)
      || case when length(digits) > 1 then '.' || substr(digits, 2) else '' end
      || case when exponent < 0 then 'e-' else 'e+' end || abs(exponent);
  end $$`,
  // Text of ASCII alone sorts by its bytes as by its UTF-16 code units, and needs no digits to be sorted by. Only values that
  // have values within, and numbers, need this function again. Two statements instead of one with a choice, which would be planned
  // anew for each object: with the choice made, it looks cheaper.
  `create or replace function canonical_json(value jsonb) returns text language plpgsql immutable as $$
  begin
    case jsonb_typeof(value)
      when 'object' then
        if octet_length(value::text) = length(value::text) then
          return (select '{' || coalesce(string_agg(${member}, ',' order by name collate "C"), '') || '}'
            from jsonb_each(value) as fields (name, field));
        end if;
        return (select '{' || coalesce(string_agg(${member}, ',' order by utf16_hex(name) collate "C"), '') || '}'
          from jsonb_each(value) as fields (name, field));
      when 'array' then
        return (select '[' || coalesce(string_agg(
          case when jsonb_typeof(item) in ('string', 'boolean', 'null') then item::text else canonical_json(item) end, ','
          order by place), '') || ']'
          from jsonb_array_elements(value) with ordinality as items (item, place));
      when 'number' then
        return canonical_number(value::numeric);
      else
        return value::text;
    end case;
  end $$`,
];

const timeFormat = `YYYY-MM-DD"T"HH24:MI:SS.MS"Z"`;

const chain = [
  // The names are in their order. Ids, hashes, types and amounts have nothing that JSON would escape: the tables allow nothing else.
  `create or replace function hash_placed_entry(logged transactions, entry transaction_statuses) returns bytea
    language plpgsql stable as $$
  begin
    return sha256(convert_to(
      '{"amount":"' || logged.amount
      || '","created_at":"' || to_char(logged.created_at at time zone 'UTC', '${timeFormat}')
      || '","details":' || canonical_json(logged.details)
      || ',"hash_version":' || entry.hash_version
      || ',"id":"' || entry.id
      || '","observed_at":"' || to_char(entry.observed_at at time zone 'UTC', '${timeFormat}')
      || '","owner_id":"' || entry.owner_id
      || '","position":' || entry.position
      || ',"status":"' || entry.status
      || '","suggestion_id":' || coalesce('"' || logged.suggestion_id || '"', 'null')
      || ',"transaction_id":"' || logged.id
      || '","tx_hash":"' || logged.tx_hash
      || '","tx_type":"' || logged.tx_type || '"}', 'UTF8'));
  end $$`,
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
    if latest.status is distinct from (case new.status when 'pending' then null else 'pending' end) then
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
