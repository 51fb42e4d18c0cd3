import { countStatements, startCounting } from "../../../../packages/db/bench/count-statements.ts";
import { type ApiCall, requestsOf, type Target } from "./calls.ts";
import type { Clients, ServerLoad } from "./clients.ts";
import type { LoadResult } from "./load.process.ts";
import type { World } from "./start-world.ts";

export const connections = 16;

/** One round of load on one target. */
export interface Measurement extends Pick<LoadResult, "failures"> {
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the server's process. */
  readonly cpuSecondsPer1000: number;
  readonly bytesPerCall: number;
  /** How much of one core the clients took: near 1, they are what is measured. */
  readonly clientLoad: number;
}

/** What a target did with a call, round by round. */
interface TargetFigures {
  readonly target: Target;
  readonly rounds: readonly Measurement[];
  readonly statementsPerCall: number;
}

/** How long it is measured. */
interface Effort {
  readonly rounds: number;
  readonly secondsPerRound: number;
}

/** The same call of every target. */
export interface CallFigures {
  readonly call: ApiCall;
  readonly targets: readonly TargetFigures[];
}

/**
 * Measures calls on all their targets, which take turns within a round: what disturbs the machine for a while then disturbs
 * them all. After a round of warming up, which is not counted.
 */
export async function measureCalls(
  calls: readonly ApiCall[],
  { world, clients, effort, report }: MeasureOptions,
): Promise<readonly CallFigures[]> {
  const found = new Map<ApiCall, Map<Target, Measurement[]>>(
    calls.map((call) => [call, new Map(targetsOf(call).map((target) => [target, []]))]),
  );
  for (let round = 0; round <= effort.rounds; round += 1) {
    report(round === 0 ? "api: warming up" : `api: round ${round} of ${effort.rounds}`);
    for (const [call, targets] of found) {
      // Another one goes first in each round.
      const names = [...targets.keys()];
      for (const [index] of names.entries()) {
        const target = names[(index + round) % names.length];
        if (target === undefined) continue;
        const seconds = effort.secondsPerRound;
        const measured = await measureOnce({ world, clients }, { call, target, seconds });
        if (round > 0) targets.get(target)?.push(measured);
      }
    }
  }
  report("api: counting statements");
  await startCounting(world.db);
  const figures: CallFigures[] = [];
  for (const [call, targets] of found) {
    const measured: TargetFigures[] = [];
    for (const [target, rounds] of targets) {
      const statementsPerCall = await statementsOf({ world, clients }, call, target);
      measured.push({ target, rounds, statementsPerCall });
    }
    figures.push({ call, targets: measured });
  }
  return figures;
}

interface Place {
  readonly world: World;
  readonly clients: Clients;
}

interface MeasureOptions extends Place {
  readonly effort: Effort;
  readonly report: (line: string) => void;
}

/** The targets that serve a call. */
export function targetsOf(call: ApiCall): readonly Target[] {
  // Its keys are those that its type names.
  return Object.keys(call.targets) as Target[];
}

/** The load of all callers on one target. */
export function taskFor(world: World, call: ApiCall, target: Target): Omit<ServerLoad, "until"> {
  const template = call.targets[target];
  if (template === undefined) throw new Error(`${target} has no ${call.name}.`);
  const requests = requestsOf(template, world.callers, world.source);
  return { server: world.servers[target], connections, requests };
}

async function measureOnce(
  { world, clients }: Place,
  { call, target, seconds }: { readonly call: ApiCall; readonly target: Target; readonly seconds: number },
): Promise<Measurement> {
  const server = world.servers[target];
  const before = await server.cpuSeconds();
  const result = await clients.load({ ...taskFor(world, call, target), until: { seconds } });
  const cpuSeconds = (await server.cpuSeconds()) - before;
  return toMeasurement(result, cpuSeconds, call.callsPerRequest ?? 1);
}

function toMeasurement(result: LoadResult, cpuSeconds: number, callsPerRequest: number): Measurement {
  const calls = result.responses * callsPerRequest;
  return {
    failures: result.failures,
    callsPerSecond: calls / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    cpuSecondsPer1000: (cpuSeconds / calls) * 1000,
    bytesPerCall: result.bytes / calls,
    clientLoad: result.clientCpuSeconds / result.seconds,
  };
}

/** So many requests that what our servers do by themselves meanwhile does not count. */
const countedRequests = 300;

async function statementsOf({ world, clients }: Place, call: ApiCall, target: Target): Promise<number> {
  const task = { ...taskFor(world, call, target), until: { amount: countedRequests } };
  const statements = await countStatements(world.db, async () => {
    await clients.load(task);
  });
  return statements / countedRequests / (call.callsPerRequest ?? 1);
}
