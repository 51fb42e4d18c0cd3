import type { ForestModel } from "@obsqra/forest";
import { scalesOf } from "../calibration/scale-model.ts";
import { at } from "../numbers.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import type { BaselineName } from "./baselines.ts";
import type { PointModel } from "./forecast-learner.ts";
import type { ForecastSpace } from "./forecast-space.ts";
import { forward } from "./forecast-space.ts";
import type { ForecastTask } from "./forecast-task.ts";

/** Rows, and what knows how to forecast them. */
interface RowSource {
  table: SampleTable;
  task: ForecastTask;
}

/** reference + shrinkage · (forests − reference), in the modelled space. */
export function modelCentres(
  { table, task }: RowSource,
  model: { point: PointModel; shrinkage: number },
  rows: Int32Array,
): Float64Array {
  const references = referencesOf({ table, task }, model.point, rows);
  if (model.shrinkage === 0 || rows.length === 0) return references;
  const full = task.learner.centres(model.point, table, rows);
  return shrunk(references, full, model.shrinkage);
}

/** The part of the way from references to full forecasts that is believed. */
export function shrunk(references: Float64Array, full: Float64Array, shrinkage: number): Float64Array {
  return references.map((reference, position) => reference + shrinkage * (at(full, position) - reference));
}

/** A baseline's forecasts of rows in the modelled space. */
export function baselineCentres(
  table: SampleTable,
  rows: Int32Array,
  options: { space: ForecastSpace; name: BaselineName },
): Float64Array {
  return Float64Array.from(rows, (row) => forward(options.space, at(table.baselines[options.name], row)));
}

/** Learned scales, or the local volatility where nothing was learned. */
export function rowScales(
  table: SampleTable,
  scale: ForestModel | undefined,
  rows: Int32Array,
): Float64Array {
  return scale === undefined || rows.length === 0
    ? Float64Array.from(rows, (row) => at(table.scale, row))
    : scalesOf(scale, table, rows);
}

/** Where the forecasts of rows start from, in the modelled space. */
export function referencesOf({ table, task }: RowSource, point: PointModel, rows: Int32Array): Float64Array {
  const anchor = point.anchors[0] ?? "last_value";
  return Float64Array.from(rows, (row) => task.learner.reference(table, row, anchor));
}
