import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";

/** Processor time so far of a process and of those that it has started, ended ones included; NaN where the system does not say. */
export async function cpuSecondsOf({ pid }: Pick<ChildProcess, "pid">): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const pids = [String(pid), ...children.split(" ").filter((each) => each !== "")];
  const seconds = await Promise.all(pids.map(cpuSecondsOfProcess));
  return seconds.reduce((sum, each) => sum + each, 0);
}

/** Linux counts in ticks of 10 ms (proc_pid_stat(5): utime, stime, and of children that have ended, the 14th to 17th field). */
async function cpuSecondsOfProcess(pid: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field, the name, may contain spaces.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}
