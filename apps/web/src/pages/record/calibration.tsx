import type { TrackRecordItem } from "@obsqra/client";
import { share } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { record, shell } = texts;

interface CalibrationProps {
  readonly items: readonly TrackRecordItem[];
  readonly isSimulated: boolean;
}

const size = 320;
const margin = 44;
const at = (part: number) => margin + part * (size - margin - 20);
const ticks = [0, 0.25, 0.5, 0.75, 1];

/** What was promised beside what came true: a dot for each protocol's bands, and one for its stated confidence. */
export function Calibration({ items, isSimulated }: CalibrationProps) {
  const dots = items.flatMap(
    ({ protocol, n, interval_level, coverage, mean_confidence, within_tolerance }) => [
      ...dot(protocol, n, interval_level, coverage, 2),
      ...dot(protocol, n, mean_confidence, within_tolerance, 1),
    ],
  );
  const largest = Math.max(...dots.map(({ n }) => n), 1);
  return (
    <figure className="card">
      <figcaption className="card-head">
        <h2>{record.calibration}</h2>
      </figcaption>
      <div className="card-body">
        <p className="muted small">{record.calibrationLong}</p>
        <div className="legend">
          <span>
            <i data-series="2" aria-hidden="true" />
            {record.summary.coverage}
          </span>
          <span>
            <i data-series="1" aria-hidden="true" />
            {record.summary.confidence}
          </span>
        </div>
        <svg
          className="chart calibration"
          role="img"
          aria-label={describe(dots)}
          viewBox={`0 0 ${size} ${size}`}
        >
          {ticks.map((part) => (
            <g key={part}>
              <line className="gridline" x1={at(0)} x2={at(1)} y1={size - at(part)} y2={size - at(part)} />
              <line className="gridline" x1={at(part)} x2={at(part)} y1={size - at(0)} y2={size - at(1)} />
              <text x={at(0) - 6} y={size - at(part)} dy="0.32em" textAnchor="end">
                {100 * part} %
              </text>
              <text x={at(part)} y={size - margin + 16} textAnchor="middle">
                {100 * part} %
              </text>
            </g>
          ))}
          <text x={at(0.5)} y={size - 10} textAnchor="middle">
            {record.promisedAxis}
          </text>
          {isSimulated ? (
            <text className="watermark small-mark" x={at(0.5)} y={size - at(0.5)} textAnchor="middle">
              {shell.simulated.toUpperCase()}
            </text>
          ) : null}
          <line className="cross" x1={at(0)} y1={size - at(0)} x2={at(1)} y2={size - at(1)} />
          {dots.map(({ protocol, n, promised, held, series }) => (
            <circle
              key={`${protocol} ${series}`}
              className="dot"
              data-series={series}
              cx={at(promised)}
              cy={size - at(held)}
              r={3 + 5 * Math.sqrt(n / largest)}
              fillOpacity="0.75"
            >
              <title>{`${protocol}: ${share(promised)} / ${share(held)}`}</title>
            </circle>
          ))}
        </svg>
      </div>
    </figure>
  );
}

interface Dot {
  readonly protocol: string;
  readonly n: number;
  readonly promised: number;
  readonly held: number;
  readonly series: 1 | 2;
}

function dot(
  protocol: string,
  n: number,
  promised: number | null,
  held: number | null,
  series: 1 | 2,
): Dot[] {
  return promised === null || held === null ? [] : [{ protocol, n, promised, held, series }];
}

function describe(dots: readonly Dot[]): string {
  const said = dots.map(({ protocol, promised, held }) => `${protocol}: ${share(promised)}, ${share(held)}`);
  return `${record.calibration}. ${said.join("; ")}`;
}
