import type { Dashboard, DashboardInput, MarketOverview, ProtocolOverview } from "@obsqra/contract";
import { marketOverview } from "@obsqra/contract";
import {
  type CachedResponseDependencies,
  respondAtVersion,
  respondFromCache,
} from "../market/cached-response.service.ts";
import { toDataSource } from "../market/market.service.ts";
import type { ProtocolRow } from "../market/protocols.service.ts";
import { type AllocationHistoryDependencies, toSnapshot } from "./allocation-history.service.ts";
import {
  findMarketOverview,
  findVersionAndAllocation,
  type ProtocolStandingRow,
} from "./risk-history.queries.ts";

/** What the user holds, and how every protocol stands, in one response. */
export async function getDashboard(
  deps: CachedResponseDependencies & AllocationHistoryDependencies,
  input: DashboardInput,
): Promise<Dashboard> {
  const { version, latest_allocation } = await findVersionAndAllocation(deps.db, {
    source: deps.marketSource,
    now: deps.clock(),
    owner_id: deps.actor.owner_id,
  });
  const response = { name: "market_overview", input, schema: marketOverview, version };
  const overview = await respondAtVersion(deps, response, () => getMarketOverview(deps, input));
  return { ...overview, latest_allocation: latest_allocation && toSnapshot(latest_allocation) };
}

/** How every protocol stands, for everybody. */
export async function getOverview(
  deps: CachedResponseDependencies,
  input: DashboardInput,
): Promise<MarketOverview> {
  const response = { name: "market_overview", input, schema: marketOverview };
  return respondFromCache(deps, response, () => getMarketOverview(deps, input));
}

/** How every protocol stands now, for whoever is not a caller: as the dashboard shows it. */
export async function getMarketOverview(
  { db, clock, marketSource }: Pick<CachedResponseDependencies, "db" | "clock" | "marketSource">,
  { days }: DashboardInput,
): Promise<MarketOverview> {
  const { served_import, first_day, last_day, protocols, standings, dropped } = await findMarketOverview(db, {
    source: marketSource,
    now: clock(),
    days,
  });
  const byProtocol = new Map(standings.map((standing) => [standing.protocol, standing]));
  const total = byProtocol.get(null);
  return {
    period: {
      days,
      from: toTimestamp(first_day),
      to: toTimestamp(last_day),
    },
    data_source: toDataSource(marketSource, served_import),
    protocols: protocols.map((protocol) => ({
      ...toOverview(protocol, byProtocol.get(protocol.name)),
      dropped_markets: dropped
        .filter((market) => market.protocol === protocol.name)
        .map(({ protocol: _protocol, protocol_dropped: _dropped, ...market }) => ({
          ...market,
          last_scored_at: toTimestamp(market.last_scored_at),
        })),
    })),
    aggregates: {
      protocol_count: protocols.length,
      active_protocol_count: protocols.filter(({ status }) => status === "active").length,
      market_count: total?.market_count ?? 0,
      tvl_usd: total?.tvl_usd ?? null,
      mean_risk_score: total?.risk_score ?? null,
      mean_apy: total?.apy ?? null,
    },
  };
}

function toOverview(
  protocol: ProtocolRow,
  standing: ProtocolStandingRow | undefined,
): Omit<ProtocolOverview, "dropped_markets"> {
  return {
    protocol: protocol.name,
    display_name: protocol.display_name,
    status: protocol.status,
    status_evidence_url: protocol.evidence_url,
    as_of: toTimestamp(standing?.as_of),
    risk_score: standing?.risk_score ?? null,
    unknown_inputs: [...(standing?.unknown_inputs ?? [])],
    apy: standing?.apy ?? null,
    tvl_usd: standing?.tvl_usd ?? null,
    market_count: standing?.market_count ?? 0,
    risk_score_trend: difference(standing?.risk_score, standing?.earlier_risk_score),
    apy_trend: difference(standing?.apy, standing?.earlier_apy),
  };
}

function difference(now: number | null | undefined, earlier: number | null | undefined): number | null {
  return now == null || earlier == null ? null : now - earlier;
}

/** A moment as responses show it, from one as JSON of the database has it. */
function toTimestamp(moment: string | null | undefined): string | null {
  return moment == null ? null : new Date(moment).toISOString();
}
