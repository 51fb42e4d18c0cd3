import type { Market } from "@obsqra/client";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { queries } from "../../api/client.ts";
import { StatusTag } from "../../components/figures.tsx";
import { PageTitle } from "../../components/page-head.tsx";
import { Empty, Failure, Skeleton } from "../../components/states.tsx";
import { texts } from "../../texts/index.ts";
import { Incidents } from "./incidents.tsx";
import { KeyFigures } from "./key-figures.tsx";
import { MarketCharts } from "./market-charts.tsx";
import { WhyCards } from "./why-cards.tsx";

const { market: words, shell } = texts;
const route = getRouteApi("/markets/$marketId");

/** One market: its history, what is expected of it, and what was. */
export function MarketPage() {
  const { marketId } = route.useParams();
  const { data, error, refetch } = useQuery(queries.analytics.markets.queryOptions({ market_id: marketId }));
  if (data === undefined) {
    return error === null ? (
      <Skeleton height={640} />
    ) : (
      <div className="card">
        <Failure error={error} retry={() => void refetch()} />
      </div>
    );
  }
  const [market] = data.items;
  if (market === undefined) {
    return (
      <div className="card">
        <Empty title={words.page.notFound}>
          <Link to="/">{shell.backToMarkets}</Link>
        </Empty>
      </div>
    );
  }
  return (
    <>
      <Head market={market} />
      <KeyFigures market={market} />
      <Incidents market={market} />
      <MarketCharts market={market} isSimulated={data.data_source.simulated} />
      <WhyCards market={market} />
    </>
  );
}

function Head({ market }: { readonly market: Market }) {
  return (
    <div className="page-head">
      <PageTitle title={`${market.symbol}, ${market.protocol_name}`} />
      <div>
        <Link to="/" className="small">
          ← {words.title}
        </Link>
        <h1>{market.symbol}</h1>
        <div className="tags">
          <Link to="/" search={{ protocol: market.protocol }} className="tag">
            {market.protocol_name}
          </Link>
          <span className="tag">{market.chain}</span>
          <span className="tag">{words.kinds[market.kind]}</span>
          <StatusTag status={market.status} isFrozen={market.frozen} />
        </div>
      </div>
    </div>
  );
}
