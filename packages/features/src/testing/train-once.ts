import type { TrainedModels } from "@obsqra/ml";
import { panelSha256, trainModels } from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";
import type { TrainModels } from "../predictions/model-work.ts";

const trainedByData = new Map<string, TrainedModels>();

/**
 * Trains on a panel the first time it is seen in this process; training is deterministic, so the same panel always has
 * the same models.
 */
export const trainOnce: TrainModels = async (panel) => {
  const key = panelSha256(panel);
  const known = trainedByData.get(key);
  if (known !== undefined) return known;
  const trained = trainModels(panel, { horizonDays: 7, backtestDays: 30, seed: 1, scoreRisk: riskScore });
  trainedByData.set(key, trained);
  return trained;
};
