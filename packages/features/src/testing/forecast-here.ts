import { forecastPanel, loadModel } from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";
import type { ForecastPanel } from "../predictions/models/model-work.ts";

/** Forecasts in this thread. */
export const forecastHere: ForecastPanel = (model, panel) =>
  forecastPanel(loadModel(model), panel, { scoreRisk: riskScore, isExplained: true });
