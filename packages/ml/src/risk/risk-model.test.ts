import { expect, it } from "vitest";
import { baselineNames } from "../forecast/baselines.ts";
import { forecastPanel } from "../forecast/forecast-panel.ts";
import { loadModel } from "../model-format/model-artefact.ts";
import { at } from "../numbers.ts";
import { selectRows, trainingRowsOf } from "../panel/sample-table.ts";
import { scoreRisk } from "../test-support/score-risk.ts";
import { syntheticPanel } from "../test-support/synthetic-panel.ts";
import { trainModel } from "../training/train-models.ts";
import { riskFeatureDirections, riskFeatureNames } from "./risk-features.ts";
import { riskLearner } from "./risk-model.ts";
import { riskTable } from "./risk-table.ts";

const panel = syntheticPanel({ markets: 12, days: 120, seed: 9 }).map((series, index) => ({
  ...series,
  audit_score: 40 + 5 * index,
}));
const table = riskTable(panel, { horizonDays: 7, scoreRisk });
const known = selectRows(table, (row) => !Number.isNaN(at(table.target, row)));
const point = riskLearner.fit(table, trainingRowsOf(table, known), { ranking: baselineNames, seed: 1 });
const width = riskFeatureNames.length;

it.each(riskFeatureNames.filter((name) => riskFeatureDirections[name] !== 0))(
  "never forecasts less risk when %s alone gets worse",
  (name) => {
    const column = riskFeatureNames.indexOf(name);
    const rows = Int32Array.from({ length: 60 }, (_unused, index) => index * 7);
    const forecasts = [0, 0.5, 1, 5, 50, 5000].map((worse) => {
      const features = table.features.slice();
      for (const row of rows) {
        features[row * width + column] =
          at(features, row * width + column) + riskFeatureDirections[name] * worse;
      }
      return riskLearner.centres(point, { ...table, features }, rows);
    });
    for (let step = 1; step < forecasts.length; step += 1) {
      forecasts[step]?.forEach((value, index) => {
        expect(value).toBeGreaterThanOrEqual(at(forecasts[step - 1] ?? [], index) - 1e-12);
      });
    }
  },
);

it("forecasts more risk for a market with a worse audit, all else equal", () => {
  const model = loadModel(
    trainModel("risk", panel, { horizonDays: 7, backtestDays: 40, seed: 1, scoreRisk }),
  );
  const worse = panel.map((series) => ({ ...series, audit_score: series.audit_score - 30 }));
  const before = forecastPanel(model, panel, { scoreRisk }).markets;
  forecastPanel(model, worse, { scoreRisk }).markets.forEach(({ value }, index) => {
    expect(value).toBeGreaterThan(before[index]?.value ?? Number.NaN);
  });
});
