import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { Empty, Failure, Skeleton } from "../../components/states.tsx";
import { moment, percent } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const words = texts.allocation;

/** What somebody holds by protocol, as far as logged. */
export function Holding() {
  const { data, error, refetch } = useQuery(queries.analytics.dashboard.queryOptions());
  const latest = data?.latest_allocation;
  return (
    <section className="card">
      <div className="card-head">
        <h2>{words.holding}</h2>
        {latest == null ? null : (
          <span className="muted small">{words.since(moment(latest.created_at))}</span>
        )}
      </div>
      <div className="card-body">
        {data === undefined ? (
          error === null ? (
            <Skeleton height={90} />
          ) : (
            <Failure error={error} retry={() => void refetch()} />
          )
        ) : latest == null ? (
          <Empty title={words.holdingNone}>{words.holdingNoneLong}</Empty>
        ) : (
          <dl className="facts">
            {Object.entries(latest.allocation)
              .toSorted(([, left], [, right]) => right - left)
              .map(([protocol, part]) => (
                <div key={protocol}>
                  <dt>{protocol}</dt>
                  <dd>{percent(part)}</dd>
                </div>
              ))}
          </dl>
        )}
      </div>
    </section>
  );
}
