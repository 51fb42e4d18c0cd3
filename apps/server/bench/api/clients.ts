import { fork } from "node:child_process";
import { once } from "node:events";
import type { LoadResult, LoadTask } from "./load.process.ts";
import type { ServerProcess } from "./server-process.ts";

/** What is asked of which server. */
export interface ServerLoad extends Omit<LoadTask, "url"> {
  readonly server: ServerProcess;
}

/** Clients in a process of their own. */
export interface Clients extends Disposable {
  /**
   * Goes on for longer where nothing has come back by then.
   *
   * @throws Error when there is no success at all, with what the server has written
   */
  load(task: ServerLoad): Promise<LoadResult>;
}

/** How long a response is waited for. */
const secondsMax = 10;

export function startClients(): Clients {
  const child = fork(new URL("./load.process.ts", import.meta.url));
  const load = async ({ server, ...task }: ServerLoad): Promise<LoadResult> => {
    child.send({ ...task, url: server.url } satisfies LoadTask);
    const [result] = (await once(child, "message")) as [LoadResult];
    const { responses, failures } = result;
    const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
    if (failed > 0 && failed >= responses) {
      throw new Error(
        `${server.url}${task.requests[0]?.path}: no response is a success: ${describeFailures([result])}\n${await server.lastWords()}`,
      );
    }
    const isTooShort = responses === 0 && "seconds" in task.until && task.until.seconds < secondsMax;
    return isTooShort ? load({ ...task, server, until: { seconds: secondsMax } }) : result;
  };
  return { load, [Symbol.dispose]: () => void child.kill() };
}

/** What was no success, by status; "" where everything was. */
export function describeFailures(results: readonly Pick<LoadResult, "failures">[]): string {
  const counts = new Map<string, number>();
  for (const [status, count] of results.flatMap(({ failures }) => Object.entries(failures))) {
    counts.set(status, (counts.get(status) ?? 0) + count);
  }
  return [...counts].map(([status, count]) => `${count} × ${status}`).join(", ");
}
