import type { TrackRecordItem } from "@obsqra/client";
import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { Segments } from "../../components/segments.tsx";
import { Failure, Skeleton } from "../../components/states.tsx";
import { texts } from "../../texts/index.ts";
import { RecordTable } from "./record-table.tsx";
import type { RecordLines, RecordView } from "./record-view.ts";

const { by: lineTexts, byLabel } = texts.record;

interface RecordLinesCardProps {
  readonly view: Required<Pick<RecordView, "kind" | "granularity">>;
  readonly by: RecordLines;
  /** The record by protocol. */
  readonly items: readonly TrackRecordItem[];
  readonly onBy: (by: RecordLines) => void;
}

/** The record by protocol, by model or by month. */
export function RecordLinesCard({ view, by, items, onBy }: RecordLinesCardProps) {
  const isByProtocol = by === "protocol";
  const parts = useQuery({
    ...queries.predictions.track_record_parts.queryOptions({ ...view, by: isByProtocol ? "month" : by }),
    enabled: !isByProtocol,
  });
  const lines = isByProtocol ? items.map((item) => ({ ...item, line: item.protocol })) : parts.data?.items;
  return (
    <section className="card">
      <div className="card-body">
        <Segments
          label={byLabel}
          value={by}
          options={(["protocol", "model", "month"] as const).map((value) => ({
            value,
            label: lineTexts[value].column,
          }))}
          onChange={onBy}
        />
      </div>
      {lines === undefined ? (
        parts.error === null ? (
          <Skeleton height={240} />
        ) : (
          <Failure error={parts.error} retry={() => void parts.refetch()} />
        )
      ) : (
        <RecordTable items={lines} view={view} by={by} />
      )}
    </section>
  );
}
