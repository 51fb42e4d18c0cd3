import { Worker } from "node:worker_threads";
import type { ModelWork } from "@obsqra/features";
import type { MarketSeries, TrainedModels } from "@obsqra/ml";
import { MlError } from "@obsqra/ml";
import type {
  ModelReply,
  ModelRequest,
  ModelResults,
  ModelTask,
  TrainingSettings,
} from "./model-messages.ts";

/** Trains, compares and forecasts in a thread of its own. */
export interface ModelThread extends Omit<ModelWork, "train">, AsyncDisposable {
  train(panel: readonly MarketSeries[], settings: TrainingSettings): Promise<TrainedModels>;
}

/** How a caller follows, or stops, the work. */
export interface ModelThreadOptions {
  /** Called with the share of a training that is done, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
  /** An abort ends the thread at once. */
  readonly signal?: AbortSignal;
}

/**
 * Starts a thread for the heavy work on models, so that this one goes on serving requests. It does one task after the
 * other and keeps the panel between them. Its functions throw MlError as those of `@obsqra/ml` do, and the signal's
 * reason when it aborts.
 */
export function openModelThread({ onProgress, signal }: ModelThreadOptions = {}): ModelThread {
  signal?.throwIfAborted();
  const worker = new Worker(new URL("./model-worker.ts", import.meta.url));
  const waiting = new Map<number, PromiseWithResolvers<ModelResults[keyof ModelResults]>>();
  let ended: { readonly error: unknown } | undefined;
  const end = (error: unknown) => {
    ended ??= { error };
    for (const { reject } of waiting.values()) reject(ended.error);
    waiting.clear();
  };
  const stop = () => {
    end(signal?.reason);
    void worker.terminate();
  };
  signal?.addEventListener("abort", stop, { once: true });
  worker.on("message", (reply: ModelReply) => {
    if ("progress" in reply) {
      onProgress?.(reply.progress);
      return;
    }
    const task = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ("result" in reply) task?.resolve(reply.result);
    else task?.reject(new MlError(reply.failure.code, reply.failure.message));
  });
  worker.on("error", end);
  worker.on("exit", () => end(new Error("The thread for models ended early.")));

  let requests = 0;
  let known: readonly MarketSeries[] | undefined;
  async function perform<TTask extends ModelTask>(
    panel: readonly MarketSeries[],
    task: TTask,
  ): Promise<ModelResults[TTask["name"]]> {
    if (ended !== undefined) throw ended.error;
    requests += 1;
    const request: ModelRequest = { id: requests, panel: panel === known ? undefined : panel, task };
    known = panel;
    const result = Promise.withResolvers<ModelResults[keyof ModelResults]>();
    waiting.set(request.id, result);
    worker.postMessage(request);
    // Safe: the reply with a request's number holds the result of its task.
    return (await result.promise) as ModelResults[TTask["name"]];
  }

  return {
    train: (panel, settings) => perform(panel, { name: "train", settings }),
    decide: (challenger, champion, panel) => perform(panel, { name: "compare", challenger, champion }),
    forecast: ({ version, artefact }, panel) =>
      perform(panel, { name: "forecast", model: { version, artefact } }),
    [Symbol.asyncDispose]: async () => {
      signal?.removeEventListener("abort", stop);
      await worker.terminate();
    },
  };
}
