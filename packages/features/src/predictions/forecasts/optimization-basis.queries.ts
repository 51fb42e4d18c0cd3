import { type Database, defineStatements, type Placeholders, type SqlValue } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";
import {
  type LatestAllocation,
  latestAllocationColumn,
} from "../../analytics/latest-allocation.fragments.ts";
import {
  type ProtocolRow,
  protocolsColumn,
  type ServedImport,
  servedImport,
  servedImportColumn,
  theRow,
} from "../../market/served-data.fragments.ts";
import { liveModel, type StoredModelRow } from "../models/models.queries.ts";
import {
  type ForecastRange,
  type ForecastRow,
  type ForecastShape,
  modelColumn,
  newestForecasts,
} from "./forecasts.fragments.ts";

/** Protocols, forecasts and holdings as they were at one moment: all that an optimisation rests on. */
export interface OptimizationBasis {
  readonly served_import: ServedImport | null;
  readonly protocols: readonly ProtocolRow[];
  readonly risk_model: StoredModelRow | null;
  readonly risk: readonly ForecastRow[];
  readonly yield_model: StoredModelRow | null;
  readonly yield: readonly ForecastRow[];
  /** The symbols of each protocol's largest markets by TVL on its newest day, largest first. */
  readonly largest_markets: Readonly<Record<string, readonly string[]>>;
  /** What the owner holds as far as logged. */
  readonly latest_allocation: LatestAllocation | null;
}

/** What an optimisation is asked with. */
interface BasisChoice {
  readonly source: string;
  readonly owner_id: string;
  /** So many markets are named of each protocol. */
  readonly marketsPerProtocol: number;
}

/** Reads everything that an optimisation rests on in one statement, so that a promotion in between cannot mix versions. */
export async function findOptimizationBasis(
  db: Database,
  { endsWithHistory, ...choice }: BasisChoice & Pick<ForecastRange, "endsWithHistory">,
): Promise<OptimizationBasis> {
  return theRow(await optimizationBasis({ endsWithHistory }).first(db, choice));
}

const optimizationBasis = defineStatements(
  ({ endsWithHistory }: Pick<ForecastRange, "endsWithHistory">) =>
    (_db, { source, owner_id, marketsPerProtocol }: Placeholders<BasisChoice>) => {
      const shape = { ...allProtocols, endsWithHistory };
      const forecasts = (kind: "risk" | "yield") => sql`(
    select coalesce(json_agg(item), '[]')
    from (${newestForecasts(`live_${kind}`, shape, { kind, source })}) as item
  )`;
      return sql<OptimizationBasis>`
    with ${servedImport(source)},
      live_risk as materialized (${liveModel({ kind: "risk", source })}),
      live_yield as materialized (${liveModel({ kind: "yield", source })})
    select ${servedImportColumn}, ${protocolsColumn},
      ${modelColumn("live_risk")} as risk_model, ${forecasts("risk")} as risk,
      ${modelColumn("live_yield")} as yield_model, ${forecasts("yield")} as yield,
      (
        select coalesce(json_object_agg(protocol, symbols), '{}')
        from (${largestMarkets({ source, count: marketsPerProtocol })}) as largest
      ) as largest_markets,
      ${latestAllocationColumn(owner_id)}`;
    },
);

/** As many as there are. */
const allProtocols = {
  granularity: "protocol",
  sort: "protocol",
  isOfProtocol: false,
  isUntil: false,
  isAfter: false,
} as const satisfies Partial<ForecastShape>;

/** The symbols of each protocol's largest markets by TVL on its newest day, largest first, as a query. */
function largestMarkets(choice: {
  readonly source: SqlValue<string>;
  readonly count: SqlValue<number>;
}): RawBuilder<unknown> {
  return sql`
    select protocols.name as protocol, array_agg(largest.symbol order by largest.rank) as symbols
    from protocols
    cross join lateral (
      select as_of as day from risk_history
      where source = ${choice.source} and protocol = protocols.name order by as_of desc limit 1
    ) as latest
    cross join lateral (
      select markets.symbol, row_number() over (order by risk.tvl_usd desc nulls last, markets.id) as rank
      from risk_history as risk join markets on markets.id = risk.market_id
      where risk.source = ${choice.source} and risk.protocol = protocols.name and risk.as_of = latest.day
      order by rank limit ${choice.count}
    ) as largest
    group by protocols.name`;
}
