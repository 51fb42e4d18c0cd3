import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { CsvButton } from "../../components/csv-button.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failure, Skeleton } from "../../components/states.tsx";
import { texts } from "../../texts/index.ts";
import { FilterBar } from "./filter-bar.tsx";
import { type MarketView, selectMarkets } from "./market-filters.ts";
import { MarketTable } from "./market-table.tsx";
import { csvHeader, toCsvRow } from "./markets-csv.ts";
import { Totals } from "./totals.tsx";
import { useMarkets } from "./use-markets.ts";

const { market } = texts;
const route = getRouteApi("/");

/** Every market in a table. */
export function MarketsPage() {
  const view = route.useSearch();
  const navigate = route.useNavigate();
  const { markets, error, refetch } = useMarkets();
  const shown = useMemo(() => selectMarkets(markets ?? [], view), [markets, view]);
  const setView = (next: MarketView) => navigate({ search: next, replace: true, resetScroll: false });
  return (
    <>
      <PageHead title={market.title} lead={market.lead} />
      <Totals />
      {error !== null && markets === undefined ? (
        <div className="card">
          <Failure error={error} retry={() => void refetch()} />
        </div>
      ) : markets === undefined ? (
        <Skeleton height={560} />
      ) : markets.length === 0 ? (
        <div className="card">
          <Empty title={market.noneYet}>{market.noneYetLong}</Empty>
        </div>
      ) : (
        <>
          <FilterBar markets={markets} view={view} onChange={setView}>
            <span className="muted small" role="status">
              {market.filter.count(shown.length, markets.length)}
            </span>
            <CsvButton name="markets" header={csvHeader} rows={() => shown.map(toCsvRow)} />
          </FilterBar>
          <MarketTable markets={shown} view={view} onChange={setView} />
        </>
      )}
    </>
  );
}
