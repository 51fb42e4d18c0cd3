import type { Dashboard, DashboardInput, ProtocolOverview } from "@obsqra/contract";
import { dashboard } from "@obsqra/contract";
import type { z } from "zod";
import { answerFromCache, type CachedAnswerDependencies } from "../market/cached-response.service.ts";
import { describeDataSource } from "../market/market.service.ts";
import { getProtocols, type ProtocolRow } from "../market/protocols.service.ts";
import { type AllocationHistoryDependencies, findLatestAllocation } from "./allocation-history.service.ts";
import { listProtocolStandings, type ProtocolStandingRow } from "./risk-history.queries.ts";
import { type AnalyticsDependencies, periodUpTo } from "./risk-history.service.ts";

/** A market that has been silent for longer than this no longer counts towards its protocol. */
const freshDays = 3;

/** What everybody sees. */
const marketOverview = dashboard.omit({ latest_allocation: true });
type MarketOverview = z.output<typeof marketOverview>;

/** What the user holds, and how every protocol stands, in one answer. */
export async function getDashboard(
  deps: CachedAnswerDependencies & AllocationHistoryDependencies,
  input: DashboardInput,
): Promise<Dashboard> {
  const question = { name: "market_overview", input, answer: marketOverview };
  const [latest, overview] = await Promise.all([
    findLatestAllocation(deps),
    answerFromCache(deps, question, () => computeMarketOverview(deps, input)),
  ]);
  return { ...overview, latest_allocation: latest?.snapshot ?? null };
}

async function computeMarketOverview(
  deps: AnalyticsDependencies,
  input: DashboardInput,
): Promise<MarketOverview> {
  const dataSource = await describeDataSource(deps);
  const period = dataSource.as_of === null ? undefined : periodUpTo(dataSource.as_of, input.days);
  const [protocols, standings] = await Promise.all([
    getProtocols(deps),
    period === undefined
      ? []
      : listProtocolStandings(deps.db, { source: deps.marketSource, from: period.from, freshDays }),
  ]);
  const byProtocol = new Map(standings.map((standing) => [standing.protocol, standing]));
  const total = byProtocol.get(null);
  return {
    period: {
      days: input.days,
      from: period?.from.toISOString() ?? null,
      to: period?.to.toISOString() ?? null,
    },
    data_source: dataSource,
    protocols: protocols.map((protocol) => toOverview(protocol, byProtocol.get(protocol.name))),
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

function toOverview(protocol: ProtocolRow, standing: ProtocolStandingRow | undefined): ProtocolOverview {
  return {
    protocol: protocol.name,
    display_name: protocol.display_name,
    status: protocol.status,
    status_evidence_url: protocol.evidence_url,
    as_of: standing?.as_of?.toISOString() ?? null,
    risk_score: standing?.risk_score ?? null,
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
