import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";

/** Processor time so far of a process and of those that it has started; NaN where the system does not say. */
export async function cpuSecondsOf({ pid }: Pick<ChildProcess, "pid">): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const pids = [String(pid), ...children.split(" ").filter((each) => each !== "")];
  const seconds = await Promise.all(pids.map(cpuSecondsOfProcess));
  return seconds.reduce((sum, each) => sum + each, 0);
}

/** Linux counts in ticks of 10 ms (proc_pid_stat(5): utime and stime, the 14th and 15th field). */
async function cpuSecondsOfProcess(pid: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field, the name, may contain spaces.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
