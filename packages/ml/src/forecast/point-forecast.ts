import type { ForestModel } from "@obsqra/forest";
import { scalesOf } from "../calibration/scale-model.ts";
import {
  type CombinationState,
  type CombinedForecasts,
  ExpertCombination,
} from "../experts/expert-combination.ts";
import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import type { BaselineName } from "./baselines.ts";
import type { PointModel } from "./forecast-learner.ts";
import type { ForecastSpace } from "./forecast-space.ts";
import { forward, inverse } from "./forecast-space.ts";
import type { ForecastTask } from "./forecast-task.ts";

/** Rows, and what knows how to forecast them. */
interface RowSource {
  table: SampleTable;
  task: ForecastTask;
  panel: readonly MarketSeries[];
  horizonDays: number;
}

/** What a fitted model says of rows, in natural units; NaN without one. */
export function modelValues(
  { table, task }: Pick<RowSource, "table" | "task">,
  { point, space }: { point: PointModel | undefined; space: ForecastSpace },
  rows: Int32Array,
): Float64Array {
  if (point === undefined || rows.length === 0) return new Float64Array(rows.length).fill(Number.NaN);
  return task.learner.centres(point, table, rows).map((centre) => inverse(space, centre));
}

/** What follows for rows from their day's data, in natural units; NaN where the learner starts from a baseline. */
export function projectedValues(
  { table, task }: Pick<RowSource, "table" | "task">,
  space: ForecastSpace,
  rows: Int32Array,
): Float64Array {
  const { isProjection, reference } = task.learner;
  return Float64Array.from(rows, (row) =>
    isProjection ? inverse(space, reference(table, row, "last_value")) : Number.NaN,
  );
}

/**
 * The first day whose forecasts a model of a day has learned nothing from: on its day their outcomes were not known. It can forecast these
 * days again, and what comes of them calibrates it and teaches its weights, as what it forecasts later does.
 */
export function unlearnedSince(asOfDay: number, horizonDays: number): number {
  return asOfDay - horizonDays + 1;
}

/** What is served by a model of a day, as it was when it was trained. */
interface ServedModel {
  point: PointModel | undefined;
  space: ForecastSpace;
  /** The day it was trained on: its weights have learned from the forecasts before {@link unlearnedSince} already. */
  asOfDay: number;
  prior: readonly number[];
  learned: CombinationState;
}

/** The weighted forecasts of rows, with weights that learn from the outcomes of those made {@link unlearnedSince} then. */
export function combinedForecasts(
  { table, task, panel, horizonDays }: RowSource,
  { point, space, asOfDay, prior, learned }: ServedModel,
  rows: Int32Array,
): CombinedForecasts {
  const model = modelValues({ table, task }, { point, space }, rows);
  const projection = projectedValues({ table, task }, space, rows);
  const lastDay = rows.reduce((newest, row) => Math.max(newest, at(table.day, row)), asOfDay);
  const combination = new ExpertCombination(prior, horizonDays, learned);
  return combination.replay(
    { table, panel, rows, model, projection },
    {
      lastDay,
      learnFromDay: unlearnedSince(asOfDay, horizonDays),
    },
  );
}

/** A baseline's forecasts of rows in the modelled space. */
export function baselineCentres(
  table: SampleTable,
  rows: Int32Array,
  options: { space: ForecastSpace; name: BaselineName },
): Float64Array {
  return Float64Array.from(rows, (row) => forward(options.space, at(table.baselines[options.name], row)));
}

/** Learned scales, or the local volatility where nothing was learned, widened by the stress of the day. */
export function rowScales(
  table: SampleTable,
  scale: ForestModel | undefined,
  rows: Int32Array,
): Float64Array {
  const usual =
    scale === undefined || rows.length === 0
      ? Float64Array.from(rows, (row) => at(table.scale, row))
      : scalesOf(scale, table, rows);
  return usual.map((each, position) => each * at(table.stress, at(rows, position)));
}
