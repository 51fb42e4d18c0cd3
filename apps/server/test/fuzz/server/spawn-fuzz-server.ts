import { fork } from "node:child_process";
import { once } from "node:events";
import { compileCache } from "../../process/compile-cache.ts";
import { FuzzFailure } from "../fuzz-failure.ts";
import type { ControlReply, ControlRequest } from "./fuzz-server.process.ts";
import type { FuzzServer } from "./fuzz-server.ts";

/** A fuzz server in a process of its own. */
export type RemoteFuzzServer = AsyncDisposable & {
  readonly url: string;
} & {
  readonly [TMethod in Exclude<keyof FuzzServer, "url" | "close">]: (
    ...parameters: Parameters<FuzzServer[TMethod]>
  ) => Promise<Awaited<ReturnType<FuzzServer[TMethod]>>>;
};

/**
 * Starts a fuzz server; use with `await using`.
 *
 * @param variables its environment
 * @throws FuzzFailure server_ended, from every method once the process has ended
 */
export async function spawnFuzzServer(
  variables: Readonly<Record<string, string>>,
): Promise<RemoteFuzzServer> {
  const script = new URL("./fuzz-server.process.ts", import.meta.url);
  const child = fork(script, [JSON.stringify(variables)], {
    // Memory is measured after what is not used any more has been given back. See vitest.config.ts about the other flag.
    execArgv: ["--expose-gc", "--no-wasm-code-gc", "--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: compileCache,
  });
  const killWithParent = () => void child.kill("SIGKILL");
  process.once("exit", killWithParent);
  let complaints = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const ended = once(child, "exit");
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  const first = Promise.withResolvers<unknown>();
  waiting.set(0, first);
  child.on("message", ({ id, result, error }: ControlReply) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(error));
  });
  child.on("exit", (code, signal) => {
    const failure = new FuzzFailure("server_ended", `with ${code ?? signal}: ${complaints}`);
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  });

  const ask = async (method: ControlRequest["method"], argument?: unknown) => {
    if (!child.connected) throw new FuzzFailure("server_ended", complaints);
    lastId += 1;
    const response = Promise.withResolvers<unknown>();
    waiting.set(lastId, response);
    child.send({ id: lastId, method, argument } satisfies ControlRequest);
    return response.promise;
  };
  // The process calls the method of this name, so what it gives is of its type.
  const methodOf = (method: ControlRequest["method"]) =>
    ((argument: unknown) => ask(method, argument)) as never;

  return {
    url: String(await first.promise),
    advance: methodOf("advance"),
    takeMail: methodOf("takeMail"),
    cleanUp: methodOf("cleanUp"),
    forecast: methodOf("forecast"),
    measureMemory: methodOf("measureMemory"),
    takeErrors: methodOf("takeErrors"),
    plant: methodOf("plant"),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await ended;
      }
      process.removeListener("exit", killWithParent);
    },
  };
}
