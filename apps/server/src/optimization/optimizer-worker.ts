import { parentPort } from "node:worker_threads";
import { AllocationError, createAllocationOptimizer } from "@obsqra/ml";
import type { OptimizerReply, OptimizerRequest } from "./optimizer-messages.ts";

const optimizer = await createAllocationOptimizer();

parentPort?.on("message", ({ id, kind, request }: OptimizerRequest) => {
  try {
    post({ id, result: kind === "advise" ? optimizer.advise(request) : optimizer.optimize(request) });
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error;
    const { code, message, field } = error;
    post({ id, failure: { code, message, ...(field !== undefined && { field }) } });
  }
});

function post(reply: OptimizerReply): void {
  parentPort?.postMessage(reply);
}
