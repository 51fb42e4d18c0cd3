import { fork } from "node:child_process";
import { once } from "node:events";
import type { LoadResult, LoadTask } from "./load.process.ts";

/** Clients in a process of their own. */
export interface Clients extends Disposable {
  /**
   * Goes on for longer where nothing has come back by then.
   *
   * @throws Error when there is no success at all
   */
  load(task: LoadTask): Promise<LoadResult>;
}

/** How long a response is waited for. */
const secondsMax = 10;

export function startClients(): Clients {
  const child = fork(new URL("./load.process.ts", import.meta.url));
  const load = async (task: LoadTask): Promise<LoadResult> => {
    child.send(task);
    const [result] = (await once(child, "message")) as [LoadResult];
    const { responses, failures } = result;
    const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
    if (failed > 0 && failed >= responses) {
      throw new Error(
        `${task.url}${task.requests[0]?.path}: no response is a success: ${describeFailures([result])}`,
      );
    }
    const isTooShort = responses === 0 && "seconds" in task.until && task.until.seconds < secondsMax;
    return isTooShort ? load({ ...task, until: { seconds: secondsMax } }) : result;
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
