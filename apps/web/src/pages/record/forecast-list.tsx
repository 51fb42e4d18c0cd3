import type { PastForecast } from "@obsqra/client";
import { itemsOf } from "@obsqra/client/react-query";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { queries } from "../../api/client.ts";
import { CsvButton } from "../../components/csv-button.tsx";
import { MoreButton } from "../../components/more-button.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { Failure, Skeleton } from "../../components/states.tsx";
import { fullDay, moment, percent, score } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { filterOf, type RecordLines, type RecordView, readRecordView } from "./record-view.ts";
import { VerifyButton } from "./verify-button.tsx";

const { record } = texts;
const { columns } = record;
const csvHeader = [
  "id",
  "protocol",
  "market_id",
  "made",
  "target_at",
  "value",
  "lower",
  "upper",
  "outcome",
  "status",
];

interface ForecastListProps {
  readonly view: Required<Pick<RecordView, "kind" | "granularity">>;
  readonly by: RecordLines;
  /** Lists only the forecasts of this protocol, model or month. */
  readonly of: string | undefined;
}

/** Every forecast on record, the newest first, each with what proves it. */
export function ForecastList({ view, by, of }: ForecastListProps) {
  const pages = useInfiniteQuery(
    queries.predictions.forecast_history.infiniteQueryOptions({ ...view, ...filterOf(by, of), limit: 25 }),
  );
  const items = pages.data === undefined ? undefined : itemsOf(pages.data);
  return (
    <section className="card forecasts" id="forecasts">
      <div className="card-head">
        <h2>
          {of === undefined ? record.forecasts : record.forecastsOf(of)}
          {of === undefined ? null : (
            <Link to="/record" search={readRecordView({ ...view, by })} hash="forecasts" className="small">
              {" "}
              {record.allForecasts}
            </Link>
          )}
        </h2>
        <CsvButton name="forecasts" header={csvHeader} rows={() => (items ?? []).map(toRow)} />
      </div>
      {items === undefined ? (
        pages.error === null ? (
          <Skeleton height={320} />
        ) : (
          <Failure error={pages.error} retry={() => void pages.refetch()} />
        )
      ) : (
        <ForecastTable items={items} format={view.kind === "yield" ? percent : score} />
      )}
      <MoreButton pages={pages} />
    </section>
  );
}

interface ForecastTableProps {
  readonly items: readonly PastForecast[];
  readonly format: (value: number) => string;
}

function ForecastTable({ items, format }: ForecastTableProps) {
  return (
    <ScrollTable>
      <thead>
        <tr>
          <th scope="col">{columns.what}</th>
          <th scope="col">{columns.made}</th>
          <th scope="col">{columns.target}</th>
          <th scope="col" className="number">
            {columns.value}
          </th>
          <th scope="col" className="number">
            {columns.band}
          </th>
          <th scope="col" className="number">
            {columns.outcome}
          </th>
          <th scope="col">{columns.check}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.id}>
            <th scope="row">
              <Subject item={item} />
            </th>
            <td>{moment(item.created_at)}</td>
            <td>{fullDay(item.target_at)}</td>
            <td className="number">{format(item.value)}</td>
            <td className="number">
              {format(item.lower)} – {format(item.upper)}
            </td>
            <td className="number">
              <Outcome item={item} format={format} />
            </td>
            <td>
              <VerifyButton forecastId={item.id} />
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

function Subject({ item }: { readonly item: PastForecast }) {
  if (item.market_id === null) return item.protocol;
  return (
    <Link to="/markets/$marketId" params={{ marketId: item.market_id }}>
      {item.symbol} <span className="muted">{item.protocol}</span>
    </Link>
  );
}

function Outcome({
  item,
  format,
}: {
  readonly item: PastForecast;
  readonly format: (value: number) => string;
}) {
  const { outcome, lower, upper, status } = item;
  if (outcome === null) return <span className="muted">{record.statuses[status]}</span>;
  if (status === "unwitnessed") {
    return (
      <span className="muted">
        {format(outcome.value)} ({record.statuses.unwitnessed})
      </span>
    );
  }
  const isHit = outcome.value >= lower && outcome.value <= upper;
  return (
    <span className={isHit ? "up" : "down"}>
      {format(outcome.value)} <span className="visually-hidden">{isHit ? record.hit : record.miss}</span>
    </span>
  );
}

function toRow(item: PastForecast) {
  const { id, protocol, market_id, created_at, target_at, value, lower, upper, outcome, status } = item;
  return [
    id,
    protocol,
    market_id,
    created_at,
    target_at,
    value,
    lower,
    upper,
    outcome?.value ?? null,
    status,
  ];
}
