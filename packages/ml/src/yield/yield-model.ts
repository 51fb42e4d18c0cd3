import { explainRow, fitGradientBoosting, predictBatch } from "@obsqra/forest";
import type { BaselineName } from "../forecast/baselines.ts";
import type { ForecastLearner } from "../forecast/forecast-learner.ts";
import { at, signedLog } from "../numbers.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import { featuresOf, selectFeatures } from "../panel/sample-table.ts";

/** Settings of the gradient boosting behind the yield model. */
const yieldModelParameters = {
  treeCount: 100,
  maxDepth: 5,
  learningRate: 0.08,
  minSamplesLeaf: 40,
  l2: 1,
  rowFraction: 0.5,
  featureFraction: 0.7,
} as const;

/** Forecasts that start from different baselines err differently; their mean errs less than either. */
const anchorCount = 2;

/**
 * Gradient boosting (absolute loss) on the log residual of the two best baselines, averaged: with g the signed log,
 * target = g(mean APY over the horizon) − g(baseline). The conditional median survives any monotone transform,
 * so this aims straight at the absolute error in percentage points, while heavy tails weigh as their logs.
 */
export const yieldLearner: ForecastLearner = {
  parameters: { ...yieldModelParameters, anchorCount },
  scaleFloor: 0.01,
  isProjection: false,
  fit(table, { rows, features }, options) {
    const anchors = options.ranking.slice(0, anchorCount);
    const forests = anchors.map((anchor) => {
      const target = Float64Array.from(
        rows,
        (row) => signedLog(at(table.target, row)) - referenceAt(table, row, anchor),
      );
      return fitGradientBoosting(
        { features, target },
        { ...yieldModelParameters, seed: options.seed, loss: { kind: "absolute" } },
      );
    });
    return { anchors, forests };
  },
  reference: referenceAt,
  centres({ anchors, forests }, table, rows) {
    const features = selectFeatures(table, rows);
    const centres = new Float64Array(rows.length);
    anchors.forEach((anchor, member) => {
      const forest = forests[member];
      if (forest === undefined) return;
      const corrections = predictBatch(forest, features);
      rows.forEach((row, position) => {
        const corrected = referenceAt(table, row, anchor) + at(corrections, position);
        centres[position] = at(centres, position) + corrected / anchors.length;
      });
    });
    return centres;
  },
  explain({ anchors, forests }, table, row) {
    const contributions = new Float64Array(table.featureNames.length);
    const start = anchors.reduce((sum, anchor) => sum + referenceAt(table, row, anchor), 0) / anchors.length;
    let expectation = 0;
    for (const forest of forests) {
      const explained = explainRow(forest, featuresOf(table, row));
      expectation += explained.expectation / forests.length;
      explained.contributions.forEach((each, column) => {
        contributions[column] = at(contributions, column) + each / forests.length;
      });
    }
    return { expectation, contributions, centre: (said) => start + said };
  },
};

function referenceAt(table: SampleTable, row: number, anchor: BaselineName): number {
  return signedLog(at(table.baselines[anchor], row));
}
