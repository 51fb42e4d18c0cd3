/**
 * Works on models for the process that started it, task by task, as `model-messages.ts` says. It ends with that
 * process, and at no signal but SIGKILL: a terminal's Ctrl-C and a service manager's stop reach it, too, and its parent
 * decides what happens to the work.
 */
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

// The process brings the RiskEngine's arithmetic itself, because functions cannot be sent.
const scoreRisk = riskScore;

const parent = process.ppid;
let panel: readonly MarketSeries[] = [];

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.on("disconnect", () => process.exit());
process.on("message", (request: ModelRequest) => {
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
        onProgress: (progress) => {
          // A training holds up the event that says that the parent is gone.
          if (process.ppid !== parent) process.exit();
          post({ progress });
        },
      });
    case "compare": {
      const champion = task.champion && loadModel(task.champion);
      return decidePromotion(task.challenger, champion, panel, { scoreRisk });
    }
    case "forecast":
      return forecastPanel(loadModel(task.model), panel, { scoreRisk, isExplained: true });
  }
}

function post(reply: ModelReply): void {
  process.send?.(reply);
}
