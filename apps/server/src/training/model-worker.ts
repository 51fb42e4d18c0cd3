import { parentPort } from "node:worker_threads";
import {
  decidePromotion,
  forecastPanel,
  loadModel,
  type MarketSeries,
  MlError,
  trainModels,
} from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";
import type { ModelReply, ModelRequest, ModelResults, ModelTask } from "./model-messages.ts";

// The thread brings the RiskEngine's arithmetic itself, because functions cannot be posted.
const scoreRisk = riskScore;

let panel: readonly MarketSeries[] = [];

parentPort?.on("message", (request: ModelRequest) => {
  if (request.panel !== undefined) panel = request.panel;
  const { id } = request;
  try {
    post({ id, result: perform(request.task) });
  } catch (error) {
    if (!(error instanceof MlError)) throw error;
    post({ id, failure: { code: error.code, message: error.message } });
  }
});

function perform(task: ModelTask): ModelResults[keyof ModelResults] {
  switch (task.name) {
    case "train":
      return trainModels(panel, {
        ...task.settings,
        scoreRisk,
        onProgress: (progress) => post({ progress }),
      });
    case "compare": {
      const champion = task.champion && loadModel(task.champion);
      return decidePromotion(task.challenger, champion, panel, { scoreRisk });
    }
    case "forecast":
      return forecastPanel(loadModel(task.model), panel, { scoreRisk });
  }
}

function post(reply: ModelReply): void {
  parentPort?.postMessage(reply);
}
