import type { Market } from "@obsqra/client";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { queries } from "../../api/client.ts";
import { useAllItems } from "../../api/use-all-items.ts";
import { ChartCard } from "../../charts/chart-card.tsx";
import { Segments } from "../../components/segments.tsx";
import { Failure, Skeleton } from "../../components/states.tsx";
import { texts } from "../../texts/index.ts";
import { findForecast, formats, historyOf, pastForecasts, plain, withForecast } from "./market-data.ts";
import { periods } from "./market-view.ts";
import { useMarketForecasts } from "./use-market-forecasts.ts";

const { page } = texts.market;

interface MarketChartsProps {
  readonly market: Market;
  readonly isSimulated: boolean;
}

const route = getRouteApi("/markets/$marketId");
const pastForecastsMax = 400;

export function MarketCharts({ market, isSimulated }: MarketChartsProps) {
  const { market_id } = market;
  const { days = 90 } = route.useSearch();
  const navigate = route.useNavigate();
  const history = useQuery(queries.analytics.risk_history.queryOptions({ market_id, days }));
  const { expectedYield, expectedRisk } = useMarketForecasts(market);
  const past = useAllItems(
    useInfiniteQuery(
      queries.predictions.forecast_history.infiniteQueryOptions({ market_id, limit: pastForecastsMax }),
    ),
    pastForecastsMax,
  );

  const charts = useMemo(() => {
    const points = history.data?.items ?? [];
    const ofKind = (kind: "yield" | "risk") => (past ?? []).filter((item) => item.kind === kind);
    const apy = findForecast(expectedYield, market);
    const risk = findForecast(expectedRisk, market);
    return {
      apy: withForecast(
        historyOf(points, (point) => point.apy),
        apy && { ...apy, value: apy.apy },
        formats.apy,
      ),
      risk: withForecast(
        historyOf(points, ({ risk_score }) => risk_score),
        risk && { ...risk, value: risk.risk_score },
        formats.risk,
      ),
      tvl: plain(
        historyOf(points, ({ tvl_usd }) => tvl_usd),
        formats.tvl,
        true,
      ),
      utilization: plain(
        historyOf(points, ({ utilization }) => utilization),
        formats.utilization,
      ),
      past: pastForecasts(ofKind("yield"), formats.apy),
      pastRisk: pastForecasts(ofKind("risk"), formats.risk),
    };
  }, [history.data, past, expectedYield, expectedRisk, market]);

  if (history.error !== null && history.data === undefined) {
    return (
      <div className="card">
        <Failure error={history.error} retry={() => void history.refetch()} />
      </div>
    );
  }
  const shared = { isSimulated, empty: page.noHistory };
  const isStale = market.expected_apy?.stale;
  return (
    <section>
      <div className="filters">
        <Segments
          label={page.period}
          value={days}
          options={periods.map((value) => ({ value, label: page.days(value) }))}
          onChange={(chosen) =>
            void navigate({ search: { days: chosen }, replace: true, resetScroll: false })
          }
        />
      </div>
      {history.data === undefined ? (
        <Skeleton height={620} />
      ) : (
        <div className="charts">
          <ChartCard title={page.charts.apy} data={charts.apy} isStale={isStale === true} {...shared} />
          <ChartCard title={page.charts.risk} data={charts.risk} {...shared} />
          <ChartCard title={page.charts.tvl} data={charts.tvl} {...shared} />
          {market.kind === "dex" ? null : (
            <ChartCard title={page.charts.utilization} data={charts.utilization} {...shared} />
          )}
          <ChartCard title={page.charts.past} data={charts.past} {...shared} empty={page.noPast} />
          <ChartCard title={page.charts.pastRisk} data={charts.pastRisk} {...shared} empty={page.noPast} />
        </div>
      )}
    </section>
  );
}
