import type { TimeOrder } from "@obsqra/contract";
import { type Database, defineStatement, type Placeholders } from "@obsqra/db";
import { timeOrders } from "@obsqra/platform";
import { type RawBuilder, sql } from "kysely";
import {
  countedRisk,
  isOfProtocolDay,
  longestSilence,
  protocolFigures,
  protocolFiguresState,
} from "../market/protocol-figures.fragments.ts";
import {
  type DataVersion,
  type DroppedMarket,
  dataVersion,
  droppedMarketsColumn,
  knownProtocolsColumn,
  type ProtocolRow,
  protocolsColumn,
  readRow,
  rowsColumn,
  type ServedImport,
  type ServedList,
  type SourceNow,
  servedImport,
  servedImportColumn,
  theRow,
} from "../market/served-data.fragments.ts";
import { type UnknownInput, unknownInputsColumn } from "../market/unknown-inputs.fragments.ts";
import { type LatestAllocation, latestAllocationColumn } from "./latest-allocation.fragments.ts";

/** A market's or a protocol's risk figures on one day. */
export interface RiskPointRow {
  readonly protocol: string;
  readonly market_id: string | null;
  readonly symbol: string | null;
  readonly as_of: string;
  readonly risk_score: number;
  readonly apy: number | null;
  readonly tvl_usd: number | null;
  readonly utilization: number | null;
  readonly volatility: number;
  readonly liquidity_tier: number | null;
  readonly market_count: number;
  readonly unknown_inputs: readonly UnknownInput[];
}

/** Which part of the history. */
export interface RiskHistoryRange extends SourceNow {
  readonly protocol: string | undefined;
  /** With granularity `market`. */
  readonly market_id?: string | undefined;
  /** So many days up to the last one. */
  readonly days: number;
  /** The moment whose day is the last one; the newest observation when undefined. */
  readonly until: Date | undefined;
  readonly granularity: "market" | "protocol";
  readonly limit: number;
  /** Order of the days; a day's rows are by protocol and market. */
  readonly sort: TimeOrder;
  /** The row to continue after. */
  readonly after: { readonly as_of: Date; readonly protocol: string; readonly market_id: string } | undefined;
}

/** Figures by day; none before the first import. */
export async function listRiskHistory(
  db: Database,
  range: RiskHistoryRange,
): Promise<ServedList<RiskPointRow>> {
  return readRow(
    db,
    sql<ServedList<RiskPointRow>>`
    with ${servedImport(range)}, ${period(range)}, ${protocolFiguresState(range.source)}
    select ${servedImportColumn}, ${knownProtocolsColumn(range.protocol)},
      ${rowsColumn(range.granularity === "market" ? marketRisk(range) : protocolRisk(range))}`,
  );
}

/** Figures per market and day. Symbols are looked up for the page only: a day of thousands of markets may have to be put in order. */
function marketRisk(range: RiskHistoryRange): RawBuilder<unknown> {
  return sql`
    select risk.protocol, risk.market_id, markets.symbol, risk.as_of, risk.risk_score, risk.apy, risk.tvl_usd,
      risk.utilization, risk.volatility_bp / 100.0::float8 as volatility, risk.liquidity_tier, 1 as market_count,
      ${unknownInputsColumn(sql`risk.protocol`, sql`risk.tvl_usd is null`)}
    from (${marketRiskPage(range)}) as risk
    join markets on markets.id = risk.market_id
    order by risk.as_of ${directionOf(range)}, risk.protocol, risk.market_id`;
}

function marketRiskPage(range: RiskHistoryRange): RawBuilder<unknown> {
  return sql`
    select risk.* from risk_history as risk
    where ${inRange(range)} and ${range.market_id === undefined ? sql`true` : sql`risk.market_id = ${range.market_id}`}
      and ${isAfter(range, (last) => sql`(risk.protocol, risk.market_id) > (${last.protocol}, ${last.market_id})`)}
    order by risk.as_of ${directionOf(range)}, risk.protocol, risk.market_id
    limit ${range.limit}`;
}

/**
 * Figures per protocol and day: the aggregates of the markets that count on that day, as imports have made them, or computed here where they are
 * not current.
 */
function protocolRisk(range: RiskHistoryRange): RawBuilder<unknown> {
  const isPicked = sql`${inRange(range)} and ${isAfter(range, (last) => sql`risk.protocol > ${last.protocol}`)}`;
  const page = sql`order by risk.as_of ${directionOf(range)}, risk.protocol limit ${range.limit}`;
  return sql`
    select risk.*, ${unknownInputsColumn(sql`risk.protocol`, sql`risk.tvl_usd is null`)} from (
      (
        select risk.protocol, null as market_id, null as symbol, risk.as_of, risk.risk_score, risk.apy, risk.tvl_usd,
          risk.utilization, risk.volatility, risk.market_count, null as liquidity_tier
        from protocol_risk_history as risk
        where (select are_current from figures_of_protocols) and ${isPicked}
        ${page}
      ) union all (
        select risk.protocol, null as market_id, null as symbol, risk.as_of, ${protocolFigures}, null as liquidity_tier
        from (${countedRisk(sql`risk_history as risk
          where risk.source = ${range.source}
            and risk.as_of >= (select first_day from period) - ${longestSilence}`)}) as risk
        where not (select are_current from figures_of_protocols) and ${isPicked}
        group by risk.protocol, risk.as_of
        having ${isOfProtocolDay}
        ${page}
      )
    ) as risk
    ${page}`;
}

/** Figures of a protocol now, and at the start of the period where it had any then. */
export interface ProtocolStandingRow {
  /** Null in the row of all active protocols together. */
  readonly protocol: string | null;
  readonly as_of: string | null;
  readonly risk_score: number | null;
  readonly apy: number | null;
  readonly tvl_usd: number | null;
  readonly market_count: number;
  readonly earlier_risk_score: number | null;
  readonly earlier_apy: number | null;
  /** Null in the row of all together. */
  readonly unknown_inputs: readonly UnknownInput[] | null;
}

/** How every protocol stands. */
export interface MarketOverviewRow {
  readonly served_import: ServedImport | null;
  /** First and last day; null before the first import. */
  readonly first_day: string | null;
  readonly last_day: string | null;
  readonly protocols: readonly ProtocolRow[];
  readonly standings: readonly ProtocolStandingRow[];
  readonly dropped: readonly DroppedMarket[];
}

/**
 * Each protocol's newest figures beside those of its first day in the period, and a row of all active protocols
 * together. A market that has been silent for up to `staleDays` days still counts, with its last figures.
 */
export async function findMarketOverview(
  db: Database,
  choice: SourceNow & { readonly days: number },
): Promise<MarketOverviewRow> {
  const { source } = choice;
  return readRow(
    db,
    sql<MarketOverviewRow>`
    with ${servedImport(choice)}, ${period({ ...choice, until: undefined })}, ${protocolFiguresState(source)}, newest as (
      -- One index look-up per protocol; a max() over the whole history would read all of it.
      select protocols.name as protocol, latest.day from protocols
      cross join lateral (
        select as_of as day from risk_history
        where source = ${source} and protocol = protocols.name and as_of <= (select last_day from period)
        order by as_of desc limit 1
      ) as latest
    ), risk as (
      select fresh.* from newest
      cross join lateral (
        select distinct on (market_id) * from risk_history
        where source = ${source} and protocol = newest.protocol
          and as_of >= newest.day - ${longestSilence} and as_of <= newest.day
        order by market_id, as_of desc
      ) as fresh
    ), standing as (
      select risk.protocol, max(risk.as_of) as as_of, ${protocolFigures} from risk group by risk.protocol
      union all
      select null, max(risk.as_of), ${protocolFigures} from risk
      join protocols on protocols.name = risk.protocol and protocols.status = 'active'
    ), first_day as (
      select protocols.name as protocol, first.day from protocols
      cross join lateral (
        select as_of as day from risk_history
        where source = ${source} and protocol = protocols.name and as_of >= (select first_day from period)
          and as_of <= (select last_day from period)
        order by as_of limit 1
      ) as first
    ), earlier as (
      select first_day.protocol, kept.risk_score, kept.apy
      from first_day
      cross join lateral (
        select risk_score, apy from protocol_risk_history
        where source = ${source} and protocol = first_day.protocol and as_of = first_day.day limit 1
      ) as kept
      where (select are_current from figures_of_protocols)
      union all
      select computed.protocol, computed.risk_score, computed.apy from (
        select risk.protocol, ${protocolFigures}
        from first_day
        join (${countedRisk(sql`first_day
          join risk_history as risk
            on risk.source = ${source} and risk.protocol = first_day.protocol and risk.as_of <= first_day.day
              and risk.as_of >= first_day.day - ${longestSilence}`)}) as risk
          on risk.protocol = first_day.protocol and risk.as_of = first_day.day
        where not (select are_current from figures_of_protocols)
        group by risk.protocol
      ) as computed
    )
    select ${servedImportColumn}, (select first_day from period) as first_day, (select last_day from period) as last_day,
      ${protocolsColumn},
      (
        select coalesce(json_agg(figures), '[]') from (
          select standing.protocol, standing.as_of, standing.risk_score, standing.apy, standing.tvl_usd,
            standing.market_count, earlier.risk_score as earlier_risk_score, earlier.apy as earlier_apy,
            ${unknownInputsColumn(sql`standing.protocol`, sql`standing.tvl_usd is null`)}
          from standing left join earlier on earlier.protocol = standing.protocol
        ) as figures
      ) as standings,
      ${droppedMarketsColumn(source)}`,
  );
}

/** The version of the data that is served, and what somebody holds. */
export interface VersionAndAllocation {
  readonly version: DataVersion;
  readonly latest_allocation: LatestAllocation | null;
}

/** Whose allocation, and the version of which data. */
interface VersionChoice extends SourceNow {
  readonly owner_id: string;
}

export async function findVersionAndAllocation(
  db: Database,
  choice: VersionChoice,
): Promise<VersionAndAllocation> {
  return theRow(await versionAndAllocation.first(db, choice));
}

const versionAndAllocation = defineStatement(
  (_db, asked: Placeholders<VersionChoice>) =>
    sql<VersionAndAllocation>`select ${dataVersion(asked)} as version, ${latestAllocationColumn(asked.owner_id)}`,
  { isShared: true },
);

/** `period` for a `with` clause: the given number of UTC days up to a moment's, that day included. */
function period({ days, until }: Pick<RiskHistoryRange, "days" | "until">): RawBuilder<unknown> {
  const lastDay =
    until === undefined
      ? sql`newest_day`
      : sql`least(newest_day, date_trunc('day', ${until}::timestamptz, 'UTC'))`;
  return sql`period as materialized (
    select ${lastDay} as last_day, ${lastDay} - make_interval(hours => ${(days - 1) * 24}::int) as first_day
    from served_import
  )`;
}

/**
 * The days of the period. Written as comparisons of rows: the planner takes two limits that it does not know for a narrow range,
 * and would sort what an index has in order.
 */
function inRange(range: RiskHistoryRange): RawBuilder<boolean> {
  return sql<boolean>`risk.source = ${range.source}
    and (risk.as_of, risk.protocol) >= ((select first_day from period), '')
    and (risk.as_of, risk.protocol) < ((select last_day + interval '24 hours' from period), '')
    and (${range.protocol ?? null}::text is null or risk.protocol = ${range.protocol ?? null}::text)`;
}

type LastRow = NonNullable<RiskHistoryRange["after"]>;

/** Whether a row comes after the last one: on a day after it, in the order of the days, or further on in the same day. */
function isAfter(
  { after, sort }: RiskHistoryRange,
  isFurtherOn: (last: LastRow) => RawBuilder<unknown>,
): RawBuilder<boolean> {
  if (after === undefined) return sql<boolean>`true`;
  const beyond = sql.raw(timeOrders[sort].beyond);
  // The first condition follows from the second, but only it is one that an index can start from.
  // Not as a value: from few days left the planner would conclude few rows, beside the unknown limits of the period.
  const day = sql`(select ${after.as_of}::timestamptz)`;
  return sql<boolean>`risk.as_of ${beyond}= ${day}
    and (risk.as_of ${beyond} ${day} or ${isFurtherOn(after)})`;
}

function directionOf({ sort }: RiskHistoryRange): RawBuilder<unknown> {
  return sql.raw(timeOrders[sort].direction);
}
