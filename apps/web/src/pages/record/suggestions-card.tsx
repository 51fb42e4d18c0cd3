import type { TrackRecord } from "@obsqra/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "../../api/client.ts";
import { Segments } from "../../components/segments.tsx";
import { Failure, Skeleton } from "../../components/states.tsx";
import { texts } from "../../texts/index.ts";
import type { RecordView } from "./record-view.ts";
import { SuggestionList } from "./suggestion-list.tsx";
import { SuggestionsTable } from "./suggestions-table.tsx";

const { suggestions } = texts.record;

/** How suggestions did against holding, of all time or by month, with each of them below. */
export function SuggestionsCard({
  figures,
  view,
}: {
  readonly figures: TrackRecord["suggestions"];
  readonly view: RecordView;
}) {
  const [by, setBy] = useState<"tolerance" | "month">(view.suggested === undefined ? "tolerance" : "month");
  const isByMonth = by === "month";
  const months = useQuery({
    ...queries.predictions.track_record_parts.queryOptions({ by: "month" }),
    enabled: isByMonth,
  });
  if (!figures.some(({ n }) => n > 0)) return null;
  const lines = (isByMonth ? months.data?.suggestions : figures)?.filter(({ n }) => n > 0);
  return (
    <>
      <section className="card">
        <h2>
          {suggestions.title} <span className="muted small">({texts.record.units.yield})</span>
        </h2>
        <p className="muted">{suggestions.lead}</p>
        <div className="card-body">
          <Segments
            label={texts.record.byLabel}
            value={by}
            options={[
              { value: "tolerance", label: suggestions.columns.tolerance },
              { value: "month", label: suggestions.columns.month },
            ]}
            onChange={setBy}
          />
        </div>
        {lines === undefined ? (
          months.error === null ? (
            <Skeleton height={160} />
          ) : (
            <Failure error={months.error} retry={() => void months.refetch()} />
          )
        ) : (
          <SuggestionsTable lines={lines} view={view} />
        )}
      </section>
      <SuggestionList view={view} />
    </>
  );
}
