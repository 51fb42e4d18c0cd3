// Compatible: the database counts what an older server writes, too. Both tables are written anew, during which nobody can use
// them: some seconds per gigabyte.

import { type Kysely, sql } from "kysely";

/** Knows how many bytes there are to read of a row before it is read, and how much each owner has stored. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...sizes, ...storage]) await sql.raw(statement).execute(db);
}

// Of the text, which is what is read; what is on disk may be compressed to a hundredth.
const sizes = [
  `alter table transactions
    add column details_bytes integer not null generated always as (octet_length(details::text)) stored`,
  `alter table rebalance_suggestions
    add column answer_bytes integer not null generated always as (octet_length(answer::text)) stored`,
];

const storage = [
  `create table storage_use (
    owner_id uuid primary key,
    records bigint not null check (records >= 0),
    bytes bigint not null check (bytes >= 0)
  )`,
  // Rows have columns of a known size besides, their entries and indexes among them: some 700 bytes.
  `create function record_bytes(content integer) returns bigint language sql immutable as $$
    select 700 + content::bigint
  $$`,
  `insert into storage_use
    select owner_id, count(*), sum(bytes) from (
      select owner_id, record_bytes(details_bytes) as bytes from transactions
      union all select owner_id, record_bytes(answer_bytes) from rebalance_suggestions
    ) as stored group by owner_id`,
  `create function count_storage(owner uuid, more_records integer, more_bytes bigint) returns void language sql as $$
    insert into storage_use values (owner, greatest(0, more_records), greatest(0, more_bytes))
      on conflict (owner_id) do update set
        records = storage_use.records + more_records,
        bytes = storage_use.bytes + more_bytes
  $$`,
  `create function count_transaction() returns trigger language plpgsql as $$
  begin
    perform count_storage(new.owner_id, 1, record_bytes(new.details_bytes));
    return null;
  end $$`,
  `create trigger transactions_storage after insert on transactions
    for each row execute function count_transaction()`,
  `create function count_suggestion() returns trigger language plpgsql as $$
  begin
    if tg_op = 'INSERT' then
      perform count_storage(new.owner_id, 1, record_bytes(new.answer_bytes));
    else
      perform count_storage(old.owner_id, -1, -record_bytes(old.answer_bytes));
    end if;
    return null;
  end $$`,
  `create trigger rebalance_suggestions_storage after insert or delete on rebalance_suggestions
    for each row execute function count_suggestion()`,
];
