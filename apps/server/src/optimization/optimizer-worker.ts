import { parentPort } from "node:worker_threads";
import { AdviceError, createAdviser } from "@obsqra/ml";
import type { OptimizerReply, OptimizerRequest } from "./optimizer-messages.ts";

const adviser = await createAdviser();

parentPort?.on("message", ({ id, request }: OptimizerRequest) => {
  try {
    post({ id, result: adviser.advise(request) });
  } catch (error) {
    if (!(error instanceof AdviceError)) throw error;
    const { code, message, field } = error;
    post({ id, failure: { code, message, ...(field !== undefined && { field }) } });
  }
});

function post(reply: OptimizerReply): void {
  parentPort?.postMessage(reply);
}
