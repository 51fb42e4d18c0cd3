import { explainRow, fitRandomForest, predictBatch } from "@obsqra/forest";
import type { ForecastLearner } from "../forecast/forecast-learner.ts";
import { at, signedExp, signedLog } from "../numbers.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import { featuresOf, selectFeatures } from "../panel/sample-table.ts";
import { riskFeatureDirections, riskFeatureNames } from "./risk-features.ts";

/** Settings of the random forest behind the risk model. */
const riskModelParameters = {
  treeCount: 100,
  maxDepth: 10,
  minSamplesLeaf: 10,
  featureFraction: 0.5,
  /** Rows drawn per tree; large tables are subsampled so that training stays within its time budget. */
  rowsPerTreeMax: 12_000,
} as const;

/**
 * A random forest (Breiman, 2001) on how the score will differ from its projection (see `projectedScores`).
 * The forest and the projection both keep the directions of {@link riskFeatureDirections}, so their sum does too:
 * all else equal, more volatility never lowers the forecast and a worse audit never does either.
 */
export const riskLearner: ForecastLearner = {
  parameters: riskModelParameters,
  scaleFloor: 0.5,
  isProjection: true,
  fit(table, { rows, features }, options) {
    const target = Float64Array.from(rows, (row) =>
      signedLog(at(table.target, row) - referenceAt(table, row)),
    );
    const { rowsPerTreeMax, ...parameters } = riskModelParameters;
    const forest = fitRandomForest(
      { features, target },
      {
        ...parameters,
        seed: options.seed,
        bootstrapFraction: Math.min(1, rowsPerTreeMax / rows.length),
        monotone: riskFeatureNames.map((name) => riskFeatureDirections[name]),
      },
    );
    return { anchors: options.ranking.slice(0, 1), forests: [forest] };
  },
  reference: referenceAt,
  centres({ forests }, table, rows) {
    const [forest] = forests;
    const references = Float64Array.from(rows, (row) => referenceAt(table, row));
    if (forest === undefined) return references;
    const corrections = predictBatch(forest, selectFeatures(table, rows));
    return references.map((reference, position) => reference + signedExp(at(corrections, position)));
  },
  explain({ forests: [forest] }, table, row) {
    const reference = referenceAt(table, row);
    const centre = (said: number) => reference + signedExp(said);
    if (forest === undefined) {
      return { expectation: 0, contributions: new Float64Array(table.featureNames.length), centre };
    }
    return { ...explainRow(forest, featuresOf(table, row)), centre };
  },
};

const projectedKnown = riskFeatureNames.indexOf("projected_known");
const projectedRepeat = riskFeatureNames.indexOf("projected_repeat");

function referenceAt(table: SampleTable, row: number): number {
  const start = row * riskFeatureNames.length;
  return (at(table.features, start + projectedKnown) + at(table.features, start + projectedRepeat)) / 2;
}
