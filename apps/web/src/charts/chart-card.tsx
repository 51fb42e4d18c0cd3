import { useState } from "react";
import { CsvButton } from "../components/csv-button.tsx";
import { ScrollTable } from "../components/scroll-table.tsx";
import { Empty } from "../components/states.tsx";
import type { Cell } from "../format/csv.ts";
import { fullDay, unknown } from "../format/figures.ts";
import { texts } from "../texts/index.ts";
import { Chart } from "./chart.tsx";
import { timesOf } from "./chart-scales.ts";
import type { ChartData } from "./types.ts";

interface ChartCardProps {
  readonly title: string;
  readonly data: ChartData;
  readonly isSimulated: boolean;
  readonly isStale?: boolean;
  /** What is said where there is nothing to draw. */
  readonly empty: string;
}

/** A chart, the same as a table, and as a file. */
export function ChartCard({ title, data, isSimulated, isStale = false, empty }: ChartCardProps) {
  const [isTable, setIsTable] = useState(false);
  const { header, rows } = toTable(data);
  const isEmpty = data.series.every(({ points }) => points.length === 0);
  return (
    <figure className={isStale ? "card stale" : "card"}>
      <figcaption className="card-head">
        <h2>{title}</h2>
        <div className="actions">
          <button
            type="button"
            className="button"
            data-kind="quiet"
            data-size="small"
            aria-pressed={isTable}
            disabled={isEmpty}
            onClick={() => setIsTable(!isTable)}
          >
            {isTable ? texts.shell.chart : texts.shell.table}
          </button>
          <CsvButton name={title} header={header} rows={() => rows} />
        </div>
      </figcaption>
      {isEmpty ? (
        <Empty title={empty} />
      ) : isTable ? (
        <ChartTable header={header} rows={rows} format={data.format} />
      ) : (
        <div className="card-body">
          <Chart data={data} label={title} isSimulated={isSimulated} />
        </div>
      )}
    </figure>
  );
}

interface ChartTableProps {
  readonly header: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly format: (value: number) => string;
}

function ChartTable({ header, rows, format }: ChartTableProps) {
  return (
    <ScrollTable area="chart-table">
      <thead>
        <tr>
          {header.map((name, index) => (
            <th key={name} scope="col" className={index === 0 ? undefined : "number"}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.toReversed().map(([time, ...cells]) => (
          <tr key={String(time)}>
            <th scope="row">{fullDay(String(time))}</th>
            {cells.map((cell, index) => (
              <td key={header[index + 1]} className="number">
                {typeof cell === "number" ? format(cell) : unknown}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

/** What a chart shows, by day. */
function toTable(data: ChartData) {
  const { series, bands = [], bars = [] } = data;
  const { lower, upper, day } = texts.market.page.series;
  const columns = [
    ...series.map(({ name, points }) => ({ name, at: (time: number) => find(points, time)?.value })),
    ...bands.flatMap(({ name, points }) => [
      { name: `${name}, ${lower}`, at: (time: number) => find(points, time)?.lower },
      { name: `${name}, ${upper}`, at: (time: number) => find(points, time)?.upper },
    ]),
    ...(bars.length === 0
      ? []
      : [
          { name: lower, at: (time: number) => find(bars, time)?.lower },
          { name: upper, at: (time: number) => find(bars, time)?.upper },
        ]),
  ];
  const rows = timesOf(data).map((time): Cell[] => [
    time.toISOString(),
    ...columns.map(({ at }) => at(time.getTime()) ?? null),
  ]);
  return { header: [day, ...columns.map(({ name }) => name)], rows };
}

function find<TPoint extends { readonly time: Date }>(
  points: readonly TPoint[],
  time: number,
): TPoint | undefined {
  return points.find((point) => point.time.getTime() === time);
}
