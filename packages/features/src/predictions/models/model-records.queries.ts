import type { TimeOrder } from "@obsqra/contract";
import type { Database, Row, Tables } from "@obsqra/db";
import { timeOrders } from "@obsqra/platform";
import { type RawBuilder, sql } from "kysely";
import {
  hasCome,
  readRow,
  rowsColumn,
  type ServedList,
  type SourceNow,
  servedImport,
  servedImportColumn,
} from "../../market/served-data.fragments.ts";
import { hasTakenEffect, modelColumns, type StoredModelRow } from "./models.queries.ts";

/** A decision, the model that it was about, and from when until when it was then live. */
export interface ModelRecordRow
  extends Omit<
    Row<Tables["model_decisions"]>,
    "sequence" | "source" | "horizon_days" | "challenger_version" | "import_id" | "decided_at"
  > {
  readonly model: StoredModelRow;
  /** Null when the decision did not make the model live. */
  readonly live_from: string | null;
  /** Null while the model is live. */
  readonly live_until: string | null;
  readonly decided_at: string;
}

/** Which decisions. */
export interface ModelRecordRange extends SourceNow {
  readonly kind: "risk" | "yield" | undefined;
  /** Only those that made the models live that were so at this moment. */
  readonly liveAt: Date | undefined;
  /** The decision to continue after. */
  readonly after: string | undefined;
  readonly sort: TimeOrder;
  readonly limit: number;
}

type ServedModelRecords = Omit<ServedList<ModelRecordRow>, "known_protocols">;

/** Decisions about models by time. */
export async function listModelRecords(db: Database, range: ModelRecordRange): Promise<ServedModelRecords> {
  const { kind, liveAt, after } = range;
  const { direction, beyond } = timeOrders[range.sort];
  const list = sql`
    select decision.id, decision.kind, decision.outcome, decision.reason, decision.champion_version, decision.n,
      decision.challenger_mae, decision.champion_mae, decision.baseline_mae, decision.decided_at,
      (
        select row_to_json(model) from (select decision.challenger_version as version, ${modelColumns}) as model
      ) as model,
      earlier.promoted_at as live_from, next.promoted_at as live_until
    from model_decisions as decision
    left join models on models.version = decision.challenger_version
    left join model_promotions as earlier on earlier.decision_id = decision.id
    left join lateral (
      select promotion.promoted_at from model_promotions as promotion
      where promotion.kind = earlier.kind and promotion.source = earlier.source
        and promotion.sequence > earlier.sequence and ${hasTakenEffect(range.now)}
      order by promotion.sequence limit 1
    ) as next on true
    where decision.source = ${range.source}
      and (${hasCome(range.now, sql`decision.decided_at`)} or decision.reason = 'by_operator')
      and ${kind === undefined ? always : sql`decision.kind = ${kind}`}
      and ${liveAt === undefined ? always : sql`decision.id in (${decisionsLiveAt(range.source, liveAt)})`}
      and ${
        after === undefined
          ? always
          : sql`decision.sequence ${sql.raw(beyond)}
              (select last.sequence from model_decisions as last where last.id = ${after})`
      }
    order by decision.sequence ${sql.raw(direction)}
    limit ${range.limit}`;
  return readRow(
    db,
    sql<ServedModelRecords>`
    with ${servedImport(range)} select ${servedImportColumn}, ${rowsColumn(list)}`,
  );
}

const always = sql<boolean>`true`;

/** The newest promotion of each kind at a moment, in the order in which the database was told. */
function decisionsLiveAt(source: string, moment: Date): RawBuilder<string> {
  return sql<string>`
    select distinct on (live.kind) live.decision_id from model_promotions as live
    where live.source = ${source} and live.promoted_at <= ${moment}
    order by live.kind, live.sequence desc`;
}
