import { fork } from "node:child_process";
import { once } from "node:events";
import type { LoadResult, LoadTask } from "./load.process.ts";

/** Clients in a process of their own. */
export interface Clients extends Disposable {
  /**
   * Goes on for longer where nothing has come back by then.
   *
   * @throws Error when a response is no success, since the time of a refusal says nothing
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
    if (Object.keys(failures).length > 0) {
      const seen = JSON.stringify({ responses, failures });
      throw new Error(`${task.url}${task.requests[0]?.path}: not all responses are a success: ${seen}`);
    }
    const isTooShort = responses === 0 && "seconds" in task.until && task.until.seconds < secondsMax;
    return isTooShort ? load({ ...task, until: { seconds: secondsMax } }) : result;
  };
  return { load, [Symbol.dispose]: () => void child.kill() };
}
