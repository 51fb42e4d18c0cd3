import { Worker } from "node:worker_threads";
import type { Optimizer } from "@obsqra/features";
import { AdviceError, type AdviceRequest, type MarketAdvice } from "@obsqra/ml";
import { AppError } from "@obsqra/platform";
import { createFairQueue } from "./fair-queue.ts";
import type { OptimizerReply, OptimizerRequest } from "./optimizer-messages.ts";

export interface OptimizerThreadOptions {
  /** How long one question may take before the thread is given up; the search itself is bounded by programmes. @default 20,000 */
  readonly timeoutMs?: number;
  /** Questions that may wait, of all owners together. @default 256 */
  readonly waitingMax?: number;
  /** The thread's code. @default the optimiser's */
  readonly workerUrl?: URL;
}

/**
 * An optimiser in a thread of its own, so that this one goes on serving requests. The thread is started by the first question,
 * takes one at a time, and owners take turns. It is started anew after it has ended or was given up.
 */
export function createOptimizerThread(options: OptimizerThreadOptions = {}): Optimizer & AsyncDisposable {
  const {
    timeoutMs = 20_000,
    waitingMax = 256,
    workerUrl = new URL("./optimizer-worker.ts", import.meta.url),
  } = options;
  const queue = createFairQueue(waitingMax);
  let worker: Worker | undefined;
  let asked = 0;

  function runningWorker(): Worker {
    if (worker !== undefined) return worker;
    const started = new Worker(workerUrl);
    // Nothing but a question keeps a process alive for it.
    started.unref();
    started.once("exit", () => {
      if (worker === started) worker = undefined;
    });
    worker = started;
    return started;
  }

  async function ask(request: AdviceRequest): Promise<MarketAdvice> {
    const thread = runningWorker();
    asked += 1;
    thread.ref();
    try {
      return resultOf(await replyTo(thread, { id: asked, request }, timeoutMs));
    } catch (error) {
      if (!(error instanceof AdviceError)) await thread.terminate();
      throw error;
    } finally {
      thread.unref();
    }
  }

  return {
    advise: async (ownerId, request) => {
      const result = queue.add(ownerId, () => ask(request));
      if (result === undefined) throw new AppError("SERVER_OVERLOADED", undefined);
      return result;
    },
    [Symbol.asyncDispose]: async () => void (await worker?.terminate()),
  };
}

/** @throws Error when the thread ends, or takes too long */
async function replyTo(
  thread: Worker,
  question: OptimizerRequest,
  timeoutMs: number,
): Promise<OptimizerReply> {
  const reply = Promise.withResolvers<OptimizerReply>();
  const onMessage = (message: OptimizerReply) => {
    if (message.id === question.id) reply.resolve(message);
  };
  const onExit = () => reply.reject(new Error("The thread of the optimiser has ended."));
  const timer = setTimeout(() => {
    reply.reject(new Error(`The optimiser has found nothing within ${timeoutMs} ms.`));
  }, timeoutMs);
  thread.on("message", onMessage).on("error", reply.reject).on("exit", onExit);
  try {
    thread.postMessage(question);
    return await reply.promise;
  } finally {
    clearTimeout(timer);
    thread.off("message", onMessage).off("error", reply.reject).off("exit", onExit);
  }
}

function resultOf(reply: OptimizerReply): MarketAdvice {
  if ("result" in reply) return reply.result;
  const { code, message, field } = reply.failure;
  throw new AdviceError(code, message, field === undefined ? {} : { field });
}
