// Compatible: an older server reads the status that is in effect where it always did. What it writes there is taken for the
// word of its registry or feed, and no longer overrules an operator.

import { type Kysely, sql } from "kysely";

/** Keeps who decided what about each protocol's status, and lets an operator's decision win over whatever is written. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of [...history, ...rules, ...appendOnly]) await sql.raw(statement).execute(db);
}

const history = [
  `create table protocol_statuses (
    id uuid primary key default gen_random_uuid(),
    sequence bigint not null generated always as identity,
    protocol text not null references protocols,
    decided_by text not null check (decided_by in ('operator', 'registry')),
    status text check (status in ('active', 'paused', 'deprecated', 'exploited')),
    status_since timestamptz,
    evidence_url text,
    reason text,
    decided_at timestamptz not null,
    check (status is not null or (decided_by = 'operator' and status_since is null)),
    check (decided_by = 'registry' or status is null or (status_since is not null and evidence_url is not null)),
    check (decided_by = 'registry' or evidence_url like 'https://_%')
  )`,
  `create index protocol_statuses_newest on protocol_statuses (protocol, decided_by, sequence desc)`,
  `alter table protocols add column status_decided_by text not null default 'registry'
    check (status_decided_by in ('operator', 'registry'))`,
  // Until now, only registry and feeds decided.
  `insert into protocol_statuses (protocol, decided_by, status, status_since, evidence_url, decided_at)
    select name, 'registry', status, status_since, evidence_url, now() from protocols order by name`,
];

// Triggers and not a view: every reader and writer of every release uses the columns of `protocols`, so that none can
// forget to ask for the operator's decision, and none has to know of it.
const rules = [
  `create function decided_protocol_status(of_protocol text) returns protocol_statuses language sql stable as $$
    select newest.* from (
      select distinct on (decided_by) * from protocol_statuses
      where protocol = of_protocol order by decided_by, sequence desc
    ) as newest
    -- An operator's entry without a status hands the decision back.
    where status is not null order by decided_by = 'operator' desc limit 1
  $$`,
  `create function record_registry_status() returns trigger language plpgsql as $$
  declare
    known record;
  begin
    select status, status_since, evidence_url into known from protocol_statuses
      where protocol = new.name and decided_by = 'registry' order by sequence desc limit 1;
    if (known.status, known.status_since, known.evidence_url)
      is distinct from (new.status, new.status_since, new.evidence_url)
    then
      insert into protocol_statuses (protocol, decided_by, status, status_since, evidence_url, decided_at)
        values (new.name, 'registry', new.status, new.status_since, new.evidence_url, now());
    end if;
    return new;
  end $$`,
  `create function apply_decided_status() returns trigger language plpgsql as $$
  declare
    decided protocol_statuses := decided_protocol_status(new.name);
  begin
    new.status := decided.status;
    new.status_since := decided.status_since;
    new.evidence_url := decided.evidence_url;
    new.status_decided_by := decided.decided_by;
    return new;
  end $$`,
  // An operator's decision changes nothing but who decides; the trigger below fills in the rest.
  `create function pass_on_operator_decision() returns trigger language plpgsql as $$
  begin
    update protocols set status_decided_by = 'operator' where name = new.protocol;
    return null;
  end $$`,
  // Not before the insert: what it put there would be what an upsert takes for the word of the registry.
  `create trigger protocols_new after insert on protocols
    for each row execute function record_registry_status()`,
  // These two run in the order of their names: what is said is kept first, and then what counts is applied.
  `create trigger protocols_status_1_record before update of status, status_since, evidence_url on protocols
    for each row execute function record_registry_status()`,
  `create trigger protocols_status_2_apply
    before update of status, status_since, evidence_url, status_decided_by on protocols
    for each row execute function apply_decided_status()`,
  `create trigger protocol_statuses_pass_on after insert on protocol_statuses
    for each row when (new.decided_by = 'operator') execute function pass_on_operator_decision()`,
];

const appendOnly = [
  `create trigger protocol_statuses_append_only before update or delete on protocol_statuses
    for each row execute function refuse_change()`,
  `create trigger protocol_statuses_keep before truncate on protocol_statuses execute function refuse_change()`,
];
