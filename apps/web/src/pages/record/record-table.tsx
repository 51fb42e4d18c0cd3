import type { TrackRecordLine } from "@obsqra/client";
import { Link } from "@tanstack/react-router";
import { CsvButton } from "../../components/csv-button.tsx";
import { Explained } from "../../components/explained.tsx";
import { ChangeFigure } from "../../components/figures.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { percent, score, share, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { type RecordLines, type RecordView, readRecordView } from "./record-view.ts";
import { excessError } from "./sums.ts";

const { units: recordUnits } = texts;
const { columns, by: lineTexts, units, openForecasts } = texts.record;

interface RecordTableProps {
  readonly items: readonly TrackRecordLine[];
  readonly view: Required<Pick<RecordView, "kind" | "granularity">>;
  readonly by: RecordLines;
}

/** Of models, whose versions are long. */
const nameLengthMax = 24;

const csvHeader = (by: RecordLines) => [
  by,
  "horizon_days",
  "n",
  "mae",
  "baseline_mae",
  "interval_level",
  "coverage",
  "mean_confidence",
  "within_tolerance",
];

/** The record, a line for each protocol, model or month; each leads to the forecasts that it is about. */
export function RecordTable({ items, view, by }: RecordTableProps) {
  const { kind } = view;
  const scored = items.filter(({ n }) => n > 0);
  const error = kind === "yield" ? (value: number | null) => percent(value).replace(" %", "") : score;
  const unit = kind === "yield" ? recordUnits.apyPoints : recordUnits.riskPoints;
  return (
    <>
      <div className="card-head">
        <h2>
          {lineTexts[by].title} <span className="muted small">({units[kind]})</span>
        </h2>
        <CsvButton
          name={`record-${kind}-${by}`}
          header={csvHeader(by)}
          rows={() =>
            scored.map((item) => [
              item.line,
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
            <th scope="col">{lineTexts[by].column}</th>
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
              <tr key={`${item.line} ${item.horizon_days}`}>
                <th scope="row" title={item.line}>
                  {item.line.slice(0, nameLengthMax)}
                </th>
                <td className="number">
                  <Link
                    to="/record"
                    search={readRecordView({ ...view, by, of: item.line })}
                    hash="forecasts"
                    aria-label={openForecasts(whole(item.n), item.line)}
                  >
                    {whole(item.n)}
                  </Link>
                </td>
                <Known value={item.mae} unit={unit} format={error} />
                <Known value={item.baseline_mae} unit={unit} format={error} />
                <td className="number">
                  <ChangeFigure value={excess} format={share} isMoreWorse />
                </td>
                <Known value={item.coverage} unit={recordUnits.share} format={share} />
                <td className="number">
                  {share(item.mean_confidence)} / {share(item.within_tolerance)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </ScrollTable>
    </>
  );
}

interface KnownProps {
  readonly value: number | null;
  readonly unit: string;
  readonly format: (value: number | null) => string;
}

/** A figure of the record, explained where there is one. */
function Known({ value, unit, format }: KnownProps) {
  return (
    <td className="number">
      <Explained lines={value === null ? [] : [unit, recordUnits.record]}>{format(value)}</Explained>
    </td>
  );
}
