import { expertNames } from "../experts/experts.ts";
import type { ForecastTask } from "../forecast/forecast-task.ts";
import type { ForecastExplanation, PanelForecasts } from "../forecast/forecast-types.ts";
import type { LoadedModel } from "../model-format/model-artefact.ts";
import { at } from "../numbers.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import { explainModel, type ModelExplanation } from "./explain-model.ts";

/** So many columns are named; the others are summed. */
const namedMax = 8;

/** The forecasts of a panel, and what they were made of. */
interface Made {
  readonly task: ForecastTask;
  readonly table: SampleTable;
  /** The newest row of each market, in the order of `marketIds`. */
  readonly rows: readonly number[];
  readonly marketIds: readonly string[];
  /** The experts' weights, row-major over all rows of the table. */
  readonly weights: Float64Array;
  /** The share of its markets' forecasts in a protocol's. */
  readonly marketsShare: number;
}

/** What the model has a part in of a forecast, with all columns. */
interface Part extends ModelExplanation {
  readonly row: number | undefined;
}

/** The same forecasts, each with what it is made up of. O(markets · trees · leaves · depth²). */
export function explainForecasts(
  model: LoadedModel,
  { markets, protocols }: PanelForecasts,
  made: Made,
): PanelForecasts {
  const { table, marketsShare } = made;
  const parts = new Map(made.rows.map((row, index) => [made.marketIds[index], partOf(model, made, row)]));
  return {
    markets: markets.map((forecast) => {
      const part = parts.get(forecast.market_id) ?? noPart(table);
      return { ...forecast, explanation: explanationOf(forecast.value, part, table) };
    }),
    protocols: protocols.map((forecast) => {
      const whole = noPart(table);
      for (const { market_id, weight } of forecast.markets) {
        const part = parts.get(market_id) ?? noPart(table);
        whole.start += marketsShare * weight * part.start;
        part.contributions.forEach((each, column) => {
          whole.contributions[column] = at(whole.contributions, column) + marketsShare * weight * each;
        });
      }
      return { ...forecast, explanation: explanationOf(forecast.value, whole, table) };
    }),
  };
}

function noPart({ featureNames }: SampleTable): Part {
  return { start: 0, contributions: new Float64Array(featureNames.length), row: undefined };
}

/** What the model says of a row, in the share that it has in the forecast. */
function partOf({ point, space }: LoadedModel, { task, table, weights }: Made, row: number): Part {
  const weight = at(weights, row * expertNames.length + expertNames.indexOf("model"));
  if (point === undefined || weight === 0) return { ...noPart(table), row };
  const { start, contributions } = explainModel(task, { point, space }, { table, row });
  return { start: weight * start, contributions: contributions.map((each) => weight * each), row };
}

/** What the model has no part in is the naive forecasts'. */
function explanationOf(
  value: number,
  { start, contributions, row }: Part,
  { featureNames, features }: SampleTable,
): ForecastExplanation {
  const moves = featureNames
    .map((name, column) => ({ name, column, contribution: at(contributions, column) }))
    .filter(({ contribution }) => contribution !== 0)
    .sort((left, right) => Math.abs(right.contribution) - Math.abs(left.contribution));
  const sumOf = (some: readonly { contribution: number }[]) =>
    some.reduce((sum, { contribution }) => sum + contribution, 0);
  return {
    naive: value - start - sumOf(moves),
    start,
    features: moves.slice(0, namedMax).map(({ name, column, contribution }) => {
      const known = row === undefined ? Number.NaN : at(features, row * featureNames.length + column);
      return { name, value: Number.isFinite(known) ? known : null, contribution };
    }),
    others: sumOf(moves.slice(namedMax)),
  };
}
