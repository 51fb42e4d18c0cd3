import type { TrackRecordItem } from "@obsqra/client";
import { CsvButton } from "../../components/csv-button.tsx";
import { ChangeFigure } from "../../components/figures.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { percent, score, share, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { excessError } from "./sums.ts";

const { columns, byProtocol, units } = texts.record;

interface RecordTableProps {
  readonly items: readonly TrackRecordItem[];
  readonly kind: "yield" | "risk";
}

const csvHeader = [
  "protocol",
  "horizon_days",
  "n",
  "mae",
  "baseline_mae",
  "interval_level",
  "coverage",
  "mean_confidence",
  "within_tolerance",
];

/** The record, a line for each protocol. */
export function RecordTable({ items, kind }: RecordTableProps) {
  const scored = items.filter(({ n }) => n > 0);
  const error = kind === "yield" ? (value: number | null) => percent(value).replace(" %", "") : score;
  return (
    <section className="card">
      <div className="card-head">
        <h2>
          {byProtocol} <span className="muted small">({units[kind]})</span>
        </h2>
        <CsvButton
          name={`record-${kind}`}
          header={csvHeader}
          rows={() =>
            scored.map((item) => [
              item.protocol,
              item.horizon_days,
              item.n,
              item.mae,
              item.baseline_mae,
              item.interval_level,
              item.coverage,
              item.mean_confidence,
              item.within_tolerance,
            ])
          }
        />
      </div>
      <ScrollTable>
        <thead>
          <tr>
            <th scope="col">{columns.protocol}</th>
            <th scope="col" className="number">
              {columns.n}
            </th>
            <th scope="col" className="number">
              {columns.mae}
            </th>
            <th scope="col" className="number">
              {columns.baseline}
            </th>
            <th scope="col" className="number">
              {columns.skill}
            </th>
            <th scope="col" className="number">
              {columns.coverage}
            </th>
            <th scope="col" className="number">
              {columns.confidence}
            </th>
          </tr>
        </thead>
        <tbody>
          {scored.map((item) => {
            const excess = excessError(item.mae, item.baseline_mae);
            return (
              <tr key={`${item.protocol} ${item.horizon_days}`}>
                <th scope="row">{item.protocol}</th>
                <td className="number">{whole(item.n)}</td>
                <td className="number">{error(item.mae)}</td>
                <td className="number">{error(item.baseline_mae)}</td>
                <td className="number">
                  <ChangeFigure value={excess} format={share} isMoreWorse />
                </td>
                <td className="number">{share(item.coverage)}</td>
                <td className="number">
                  {share(item.mean_confidence)} / {share(item.within_tolerance)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </ScrollTable>
    </section>
  );
}
