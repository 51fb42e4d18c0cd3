import { listCalls } from "@obsqra/contract";
import { expect, inject, it } from "vitest";
import { createCoverage } from "./coverage.ts";
import "./differential-options.ts";
import { openWorlds } from "./open-worlds.ts";
import { runDifferential, type Walk } from "./run-differential.ts";

/** The sequence of a seed begins with every endpoint. */
const short: Walk = { seeds: [inject("seed")], callsPerSeed: 335 };
const long: Walk = { seeds: [inject("seed")], callsPerSeed: 1_000 };

const longForm = inject("differential");

it("returns the same and does the same over REST, tRPC and GraphQL and in process, whatever is asked of whichever endpoint", {
  timeout: longForm === undefined ? 900_000 : 0,
}, async () => {
  const started = performance.now();
  const coverage = createCoverage();
  let [calls, leftOut] = [0, 0];
  for (const walk of longForm?.walks ?? [inject("isLong") ? long : short]) {
    await using worlds = await openWorlds(longForm !== undefined || inject("isLong"));
    const result = await runDifferential(worlds.list, walk);
    calls += result.calls;
    leftOut += result.leftOut;
    coverage.merge(result.coverage);
    const replay = `pnpm differential --calls ${walk.seeds.length * walk.callsPerSeed} --seed ${walk.seeds.join(" --seed ")}`;
    const end = result.difference === undefined ? "0 differences" : "1 difference";
    print(`${calls} calls to each of ${worlds.list.length} worlds: ${end}. Once more: ${replay}`);
    expect(result.difference, replay).toBeUndefined();
    // Each walk begins with every endpoint once.
    expect(result.coverage.withoutSuccess()).toEqual([]);
  }
  if (longForm === undefined) return;
  print(coverage.describe());
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  print(
    `${calls} calls of ${listCalls().length} endpoints, 0 differences, ${leftOut} inputs left out that REST cannot say, ${seconds} s.`,
  );
});

/** Progress is for whoever waits for the long form, and the seed for whoever looks for a difference. */
function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
