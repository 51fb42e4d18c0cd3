import { readFile } from "node:fs/promises";
import type { Database } from "@obsqra/db";
import { sql } from "kysely";
import { median } from "../../../scripts/bench/benchmark.ts";
import { cpuSecondsOf } from "../../../scripts/bench/processor-time.ts";

/** What some work took. */
export interface Spent {
  /** Of each time that it was done. */
  readonly ms: readonly number[];
  /** Processor time of this process and of Postgres, of one time on average; NaN where the system does not say. */
  readonly processorMs: number;
}

/** Does some work so often, one after the other, and measures it. */
export type WorkMeter = (rounds: number, work: (round: number) => Promise<unknown>) => Promise<Spent>;

/** Measures what this process and all of Postgres do, of which a single connection would not know. */
export async function openWorkMeter(db: Database): Promise<WorkMeter> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  const status = await readFile(`/proc/${rows[0]?.pid}/status`, "utf8").catch(() => "");
  const server = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? Number.NaN);
  const processorMs = async () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000 + 1_000 * (await cpuSecondsOf({ pid: server }));
  };
  return async (rounds, work) => {
    const before = await processorMs();
    const ms: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const begun = performance.now();
      await work(round);
      ms.push(performance.now() - begun);
    }
    return { ms, processorMs: ((await processorMs()) - before) / rounds };
  };
}

/** In words: the median and the 99th percentile, and the processor time. */
export function describeSpent({ ms, processorMs }: Spent): string {
  const late = ms.toSorted((left, right) => left - right)[Math.ceil(ms.length * 0.99) - 1] ?? Number.NaN;
  const waited = ms.length === 1 ? print(late) : `p50 ${print(median(ms))}, p99 ${print(late)}`;
  return `${print(processorMs)} ms of processor time; ${waited} ms`;
}

function print(ms: number): string {
  return ms.toFixed(ms < 100 ? 1 : 0);
}
