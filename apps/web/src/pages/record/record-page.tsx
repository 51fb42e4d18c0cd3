import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { queries } from "../../api/client.ts";
import { PageHead } from "../../components/page-head.tsx";
import { Segments } from "../../components/segments.tsx";
import { Empty, Failure, Skeleton } from "../../components/states.tsx";
import { texts } from "../../texts/index.ts";
import { Attestation } from "./attestation.tsx";
import { Calibration } from "./calibration.tsx";
import { ForecastList } from "./forecast-list.tsx";
import { RecordLinesCard } from "./record-lines-card.tsx";
import { RecordSummary } from "./record-summary.tsx";
import { type RecordView, readRecordView } from "./record-view.ts";
import { SuggestionsCard } from "./suggestions-card.tsx";

const { record } = texts;
const route = getRouteApi("/record");

/** How the forecasts so far compare with what came true. */
export function RecordPage() {
  const { kind = "yield", granularity = "market", by = "protocol", of, suggested } = route.useSearch();
  const view = { kind, granularity };
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(queries.predictions.track_record.queryOptions(view));
  const setView = (change: Partial<RecordView>) =>
    navigate({ search: readRecordView({ ...view, by, ...change }), replace: true, resetScroll: false });
  return (
    <>
      <PageHead title={record.title} lead={record.lead} />
      <div className="filters">
        <Segments
          label={record.columns.what}
          value={view.kind}
          options={[
            { value: "yield", label: record.kinds.yield },
            { value: "risk", label: record.kinds.risk },
          ]}
          onChange={(kind) => setView({ kind })}
        />
        <Segments
          label={record.granularity.label}
          value={view.granularity}
          options={[
            { value: "market", label: record.granularity.market },
            { value: "protocol", label: record.granularity.protocol },
          ]}
          onChange={(granularity) => setView({ granularity })}
        />
      </div>
      {data === undefined ? (
        error === null ? (
          <Skeleton height={480} />
        ) : (
          <div className="card">
            <Failure error={error} retry={() => void refetch()} />
          </div>
        )
      ) : (
        <>
          <Attestation record={data} />
          <RecordSummary items={data.items} kind={view.kind} />
          {data.items.some(({ n }) => n > 0) ? (
            <div className="charts record">
              <RecordLinesCard view={view} by={by} items={data.items} onBy={(by) => setView({ by })} />
              <Calibration items={data.items} isSimulated={data.data_source.simulated} />
            </div>
          ) : (
            <div className="card">
              <Empty title={record.none}>{record.noneLong}</Empty>
            </div>
          )}
          <SuggestionsCard figures={data.suggestions} view={{ ...view, by, of, suggested }} />
        </>
      )}
      <ForecastList view={view} by={by} of={of} />
    </>
  );
}
