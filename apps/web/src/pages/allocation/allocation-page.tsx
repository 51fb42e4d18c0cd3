import type { RebalanceSuggestion } from "@obsqra/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { queries, queryClient } from "../../api/client.ts";
import { Failure, Skeleton } from "../../components/states.tsx";
import { texts } from "../../texts/index.ts";
import { AllocationFrame } from "./allocation-frame.tsx";
import { Holding } from "./holding.tsx";
import { Suggestion } from "./suggestion.tsx";
import { WishesForm } from "./wishes-form.tsx";

const words = texts.allocation;

/** What somebody holds, and what to do about it. */
export function AllocationPage() {
  return (
    <AllocationFrame title={words.title} lead={words.lead}>
      <Allocation />
    </AllocationFrame>
  );
}

function Allocation() {
  const preferences = useQuery(queries.users.preferences.queryOptions());
  const earlier = useQuery(queries.predictions.rebalance_suggestions.queryOptions({ limit: 1 }));
  const ask = useMutation({
    ...queries.predictions.run_optimization.mutationOptions(),
    onSuccess: () =>
      queryClient.invalidateQueries({ queryKey: queries.predictions.rebalance_suggestions.pathKey() }),
  });
  const shown: RebalanceSuggestion | undefined = ask.data ?? earlier.data?.items[0];
  return (
    <div className="sides">
      <div className="stack">
        <Holding />
        {preferences.data === undefined ? (
          preferences.error === null ? (
            <Skeleton height={420} />
          ) : (
            <Failure error={preferences.error} retry={() => void preferences.refetch()} />
          )
        ) : (
          <WishesForm
            preferences={preferences.data}
            isAsking={ask.isPending}
            error={ask.error}
            onAsk={(wishes) => ask.mutate(wishes)}
          />
        )}
      </div>
      <div className="stack">{shown === undefined ? null : <Suggestion suggestion={shown} />}</div>
    </div>
  );
}
