import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { obsqra, queries } from "../../../api/client.ts";
import { FormError } from "../../../components/form.tsx";
import { Empty, Failure, Skeleton } from "../../../components/states.tsx";
import { percent, score, whole } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";
import { useMarkets } from "../../markets/use-markets.ts";
import { AllocationFrame } from "../allocation-frame.tsx";
import { Answer } from "./answer.tsx";
import { MarketSliders } from "./market-sliders.tsx";
import { Slider } from "./slider.tsx";
import { usePaced } from "./use-paced.ts";
import {
  askableMarkets,
  firstSettings,
  type KnownMarket,
  toWhatIfInput,
  type WhatIfSettings,
} from "./what-if-input.ts";
import { settingsOf, viewOf } from "./what-if-view.ts";

const { whatIf: words } = texts.allocation;

/** A question costs ten points of the 600 that an account has a minute. */
const paceMs = 400;
/** So long nothing is moved before the address follows. */
const restMs = 700;

const route = getRouteApi("/allocation/what-if");

/** Lets somebody move what the optimiser takes for given, and see what it would advise then. */
export function WhatIfPage() {
  return (
    <AllocationFrame title={words.title} lead={words.lead}>
      <Markets />
    </AllocationFrame>
  );
}

function Markets() {
  const { markets: all, error, refetch } = useMarkets();
  const markets = useMemo(() => (all === undefined ? undefined : askableMarkets(all)), [all]);
  if (markets === undefined) {
    if (error === null) return <Skeleton height={560} />;
    return <Failure error={error} retry={() => void refetch()} />;
  }
  if (markets.length === 0) return <Empty title={texts.market.noneYet}>{texts.market.noneYetLong}</Empty>;
  return <Question markets={markets} />;
}

/** Has the address say where the sliders stand, once they rest: the router has more to do than fits between two frames. */
function useLink(settings: WhatIfSettings): void {
  const navigate = route.useNavigate();
  useEffect(() => {
    const timer = setTimeout(
      () => void navigate({ search: viewOf(settings), replace: true, resetScroll: false }),
      restMs,
    );
    return () => clearTimeout(timer);
  }, [settings, navigate]);
}

function Question({ markets }: { readonly markets: readonly KnownMarket[] }) {
  const view = route.useSearch();
  const [settings, setSettings] = useState(() => settingsOf(view));
  const { maxRisk, maxShare, days } = settings;
  const asked = usePaced(settings, paceMs);
  useLink(settings);
  const { data: dashboard, isPending } = useQuery(queries.analytics.dashboard.queryOptions());
  const current = dashboard?.latest_allocation?.allocation;
  const answer = useQuery({
    queryKey: ["what if", asked, current, markets],
    // Cancelled as soon as there is another question.
    queryFn: ({ signal }) =>
      obsqra.predictions.what_if.mutate(toWhatIfInput(markets, asked, current), { signal }),
    enabled: !isPending,
    placeholderData: keepPreviousData,
    refetchInterval: false,
    gcTime: 0,
  });
  const setApy = useCallback(
    (marketId: string, apy: number) =>
      setSettings((before) => ({ ...before, apys: { ...before.apys, [marketId]: apy } })),
    [],
  );
  return (
    <div className="sides">
      <section className="card">
        <div className="card-body form-grid">
          <h2>{words.limits}</h2>
          <Slider
            label={words.risk}
            value={maxRisk}
            min={5}
            max={95}
            step={1}
            format={score}
            onChange={(value) => setSettings((before) => ({ ...before, maxRisk: value }))}
          />
          <Slider
            label={words.share}
            value={maxShare}
            min={5}
            max={100}
            step={1}
            format={percent}
            onChange={(value) => setSettings((before) => ({ ...before, maxShare: value }))}
          />
          <Slider
            label={words.days}
            value={days}
            min={1}
            max={365}
            step={1}
            format={(value) => texts.allocation.suggestion.days(whole(value))}
            onChange={(value) => setSettings((before) => ({ ...before, days: value }))}
          />
          {current === undefined ? null : <p className="muted small">{words.spread}</p>}
          <button type="button" className="button" onClick={() => setSettings(firstSettings)}>
            {words.reset}
          </button>
        </div>
      </section>
      <div className="stack">
        {answer.error === null ? null : <FormError error={answer.error} />}
        {answer.data === undefined ? (
          answer.error === null ? (
            <Skeleton height={128} />
          ) : null
        ) : (
          <Answer answer={answer.data} isOld={answer.isPlaceholderData || asked !== settings} />
        )}
        <MarketSliders
          markets={markets}
          apys={settings.apys}
          shares={answer.data?.shares}
          onChange={setApy}
        />
      </div>
    </div>
  );
}
