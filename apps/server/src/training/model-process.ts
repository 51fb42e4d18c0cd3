import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
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

/** Trains, compares and forecasts in a process of its own. */
export interface ModelProcess extends Omit<ModelWork, "train" | "release">, AsyncDisposable {
  train(panel: readonly MarketSeries[], settings: TrainingSettings): Promise<TrainedModels>;
  /** Ends the process; the next task starts another. */
  release(): Promise<void>;
}

/** How a caller follows, or stops, the work. */
export interface ModelProcessOptions {
  /** Called with the share of a training that is done, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
  /** An abort ends the process at once. */
  readonly signal?: AbortSignal;
}

/**
 * Starts a process for the heavy work on models, so that this one goes on serving requests, and so that the system has
 * all of its memory back at the end: after a thread, a server on Postgres kept some 200 MB. It does one task after the
 * other and keeps the panel between them. Its functions throw MlError as those of `@obsqra/ml` do, and the signal's
 * reason when it aborts.
 */
export function openModelProcess(options: ModelProcessOptions = {}): ModelProcess {
  // At once: it loads its code while this one reads what it is to work on.
  let running: RunningProcess | undefined = startProcess(options);
  const perform: RunningProcess["perform"] = async (panel, task) => {
    running ??= startProcess(options);
    return running.perform(panel, task);
  };
  const release = async () => {
    const ending = running;
    running = undefined;
    await ending?.[Symbol.asyncDispose]();
  };
  return {
    train: (panel, settings) => perform(panel, { name: "train", settings }),
    decide: (challenger, champion, panel) => perform(panel, { name: "compare", challenger, champion }),
    forecast: ({ version, artefact }, panel) =>
      perform(panel, { name: "forecast", model: { version, artefact } }),
    release,
    [Symbol.asyncDispose]: release,
  };
}

interface RunningProcess extends AsyncDisposable {
  perform<TTask extends ModelTask>(
    panel: readonly MarketSeries[],
    task: TTask,
  ): Promise<ModelResults[TTask["name"]]>;
}

function startProcess({ onProgress, signal }: ModelProcessOptions): RunningProcess {
  signal?.throwIfAborted();
  const program = fileURLToPath(new URL("./work-on-models.process.ts", import.meta.url));
  const child = fork(program, {
    serialization: "advanced",
    // Tables that it is done with go back to the system at once: glibc would keep them for what may come.
    env: {
      // biome-ignore lint/style/noProcessEnv: it has the environment of this process.
      ...process.env,
      MALLOC_ARENA_MAX: "1",
      MALLOC_MMAP_THRESHOLD_: "65536",
      MALLOC_TRIM_THRESHOLD_: "65536",
    },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const waiting = new Map<number, PromiseWithResolvers<ModelResults[keyof ModelResults]>>();
  let ended: { readonly error: unknown } | undefined;
  const end = (error: unknown) => {
    ended ??= { error };
    for (const { reject } of waiting.values()) reject(ended.error);
    waiting.clear();
  };
  const stop = () => {
    end(signal?.reason);
    child.kill("SIGKILL");
  };
  signal?.addEventListener("abort", stop, { once: true });
  child.on("message", (reply: ModelReply) => {
    if ("progress" in reply) {
      onProgress?.(reply.progress);
      return;
    }
    const task = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ("result" in reply) task?.resolve(reply.result);
    else task?.reject(new MlError(reply.failure.code, reply.failure.message));
  });
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.on("error", (error) => {
      end(error);
      // A process that could not be started closes nothing.
      if (child.pid === undefined) resolve();
    });
  });
  child.on("exit", (code, killedBy) =>
    end(new Error(`The process for models ended early (${killedBy ?? `exit code ${code}`}).`)),
  );

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
    child.send(request, (error) => error === null || end(error));
    // Safe: the reply with a request's number holds the result of its task.
    return (await result.promise) as ModelResults[TTask["name"]];
  }

  return {
    perform,
    [Symbol.asyncDispose]: async () => {
      signal?.removeEventListener("abort", stop);
      child.kill("SIGKILL");
      await closed;
    },
  };
}
