import type { getModels } from "@obsqra/features";
import { formatColumns, formatMinute } from "./format-columns.ts";

type ModelRecord = Awaited<ReturnType<typeof getModels>>["items"][number];

const header = [
  "",
  "version",
  "days",
  "trained",
  "mae",
  "baseline",
  "served by",
  "decision",
  "on",
  "live from",
  "until",
];

/**
 * A table of models, a line each, with columns as wide as their widest cell. `mae` and `baseline` are those of the
 * model's own walk-forward test; `on` is the number of forecasts that it was compared with the champion on.
 */
export function printModels(records: readonly ModelRecord[]): string {
  return formatColumns([header, ...records.map(toCells)]);
}

function toCells(record: ModelRecord): string[] {
  const { model, live_from, live_until } = record;
  return [
    live_from !== null && live_until === null ? "*" : "",
    model.version,
    String(record.horizon_days),
    toMinute(model.trained_at),
    toFigure(model.model_mae),
    toFigure(model.baseline_mae),
    model.served_by,
    `${record.outcome}: ${record.reason}`,
    String(record.compared.n),
    toMinute(live_from),
    toMinute(live_until),
  ];
}

function toMinute(moment: string | null): string {
  return formatMinute(moment === null ? null : new Date(moment));
}

function toFigure(value: number | null): string {
  return value === null ? "-" : value.toPrecision(4);
}
