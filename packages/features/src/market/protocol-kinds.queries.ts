import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";
import { arrayColumn } from "./array-column.ts";

export type MarketKind = Row<Tables["markets"]>["kind"];

/** A protocol, what an operator has said of the kind of its markets, and of what kinds they are. */
export interface ProtocolKindRow {
  readonly name: string;
  /** Null where operators leave it to what the feed shows. */
  readonly decided_kind: MarketKind | null;
  readonly reason: string | null;
  readonly decided_at: Date | null;
  readonly lending: number;
  readonly dex: number;
  readonly unknown: number;
}

/** Every protocol with what was decided last of the kind of its markets, by name. */
export async function listProtocolKinds(db: Database): Promise<ProtocolKindRow[]> {
  const { rows } = await sql<ProtocolKindRow>`
    select protocols.name, decided.kind as decided_kind, decided.reason, decided.decided_at,
      (count(*) filter (where markets.kind = 'lending'))::int as lending,
      (count(*) filter (where markets.kind = 'dex'))::int as dex,
      (count(*) filter (where markets.kind = 'unknown'))::int as unknown
    from protocols
    left join lateral (
      select kind, reason, decided_at from protocol_kinds
      where protocol = protocols.name order by sequence desc limit 1
    ) as decided on decided.kind is not null
    left join markets on markets.protocol = protocols.name
    group by protocols.name, decided.kind, decided.reason, decided.decided_at
    order by protocols.name`.execute(db);
  return rows;
}

/** Adds a decision. */
export async function insertKindDecision(
  trx: DatabaseTransaction,
  row: NewRow<Tables["protocol_kinds"]>,
): Promise<void> {
  await trx.insertInto("protocol_kinds").values(row).execute();
}

/** What operators have decided. */
export interface KindDecisions {
  /** How many decisions there are. They are never taken back, so that the number tells whether there are new ones. */
  readonly count: number;
  /** Those that count, by protocol. */
  readonly kinds: ReadonlyMap<string, MarketKind>;
}

export async function findKindDecisions(db: Database): Promise<KindDecisions> {
  const { rows } = await sql<{ count: number; kinds: Record<string, MarketKind> }>`
    select (select count(*)::int from protocol_kinds) as count,
      coalesce(json_object_agg(protocol, kind) filter (where kind is not null), '{}') as kinds
    from (
      select distinct on (protocol) protocol, kind from protocol_kinds order by protocol, sequence desc
    ) as newest`.execute(db);
  const { count, kinds } = rows[0] ?? { count: 0, kinds: {} };
  return { count, kinds: new Map(Object.entries(kinds)) };
}

/** Which of these markets have something borrowed in so many stored rows of a source, or more. */
export async function listStoredLenders(
  trx: DatabaseTransaction,
  source: string,
  { marketIds, rowsMin }: { readonly marketIds: readonly string[]; readonly rowsMin: number },
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ market_id: string }>`
    select market_id from market_history
    where source = ${source} and market_id = any(${arrayColumn(marketIds, "text", (id) => id)})
      and (utilization > 0 and utilization <= 1 or apy_base_borrow > 0)
    group by market_id having count(*) >= ${rowsMin}::int`.execute(trx);
  return new Set(rows.map(({ market_id }) => market_id));
}
