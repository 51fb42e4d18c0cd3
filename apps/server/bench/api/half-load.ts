import type { BenchmarkRow } from "../../../../scripts/bench/benchmark.ts";
import { median } from "../../../../scripts/bench/benchmark.ts";
import { type Clients, describeFailures } from "./clients.ts";
import { type CallFigures, connections, taskFor } from "./measure-calls.ts";
import type { World } from "./start-world.ts";

const timesP50Max = 3;

/**
 * How evenly our REST responds when half of what it can do is asked for, at a steady rate: who comes at an unlucky moment must not
 * wait several times as long as others.
 */
export async function measureHalfLoad(
  figures: readonly CallFigures[],
  { world, clients, seconds }: { readonly world: World; readonly clients: Clients; readonly seconds: number },
): Promise<readonly BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  for (const { call, targets } of figures) {
    const rounds = targets.find(({ target }) => target === "rest")?.rounds ?? [];
    if (rounds.length === 0) continue;
    const perSecond = median(rounds.map(({ callsPerSecond }) => callsPerSecond)) / 2;
    const task = { ...taskFor(world, call, "rest"), connections: connections * 4, perSecond };
    const result = await clients.load({ ...task, until: { seconds } });
    const { p50Ms, p99Ms } = result;
    const failed = describeFailures([result]);
    const times = p99Ms / p50Ms;
    rows.push({
      work: `${call.name}: rest at half load, ${perSecond.toFixed(0)}/s`,
      measured: `${failed}${failed === "" ? "" : " not served; "}p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)} ms: ${times.toFixed(1)} ×`,
      bar: `p99 ≤ ${timesP50Max} × p50`,
      met: failed === "" && times <= timesP50Max,
      peer: "",
    });
  }
  return rows;
}
