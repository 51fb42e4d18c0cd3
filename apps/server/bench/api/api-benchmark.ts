import type { Benchmark, BenchmarkChoice, BenchmarkRow } from "../../../../scripts/bench/benchmark.ts";
import { type ApiCall, apiCalls } from "./calls.ts";
import { startClients } from "./clients.ts";
import { measureHalfLoad } from "./half-load.ts";
import { connections, measureCalls } from "./measure-calls.ts";
import { memoryEmbedded, memoryOnPostgres } from "./memory.ts";
import { profileCalls } from "./profile.ts";
import {
  historyDays,
  markets,
  protocols,
  settings,
  startWorld,
  transactionsPerUser,
  users,
} from "./start-world.ts";
import { toRows } from "./to-rows.ts";

const wholeEffort = { rounds: 5, secondsPerRound: 2 };
const quickEffort = { rounds: 1, secondsPerRound: 0.5 };

/** What requests cost, beside what others would write by hand. */
export const apiBenchmark: Benchmark = {
  name: "api",
  title: "Requests",
  description: `Our server as users run it (\`pnpm start\`, sessions, keyed changes, chained logs, validation and logs into a file), a plain tRPC app
(Fastify, tRPC's plugin, Kysely, jose and zod, \`apps/peers/src/plain-trpc.ts\`) and bare \`node:http\` with \`pg\` (\`apps/peers/src/bare.ts\`), each
in one process on the same Postgres, which is embedded and does not wait for the disk. ${users.toLocaleString("en")} signed-in users with ${transactionsPerUser} transactions each
take turns, each from an address of its own; ${markets} markets of ${protocols} protocols with ${historyDays} days of history. Limits are on and count every call, in memory unless said otherwise,
but are raised so that nobody reaches them, because one machine asks for everybody (\`RATE_LIMIT_PER_IP=${settings.RATE_LIMIT_PER_IP}\` and so on).

The clients are autocannon in a process of its own, on the same cores: ${connections} connections, one request at a time on each. In a round all
servers of a call take turns, ${wholeEffort.secondsPerRound} s each; a round to warm up, then ${wholeEffort.rounds}. Figures are medians of the rounds, ratios medians of the rounds'
ratios of calls a second. CPU-s is processor time of the server's processes; statements are those that Postgres counts, \`begin\` and
\`commit\` included; bytes are of the whole response. Where the clients take a whole core, they are the limit, and a faster server
would show as no faster. Two processes share two cores with Postgres and the clients, so that they bring twice as much at most where
those take little: their shares are in the lines.

Where the load at the start is more than a few tenths, other work shared the cores: then only processor times compare.

At half load, requests are sent at a steady rate, whatever has come back, over up to ${connections * 4} connections. Memory is what the system says is
resident after the load.

Bare and plain serve the same rows of the same tables, but for: bare reads no token; "dashboard" is 500 raw rows of risk history in
both; "risk history" is plain means; they log transactions into a table without triggers and references, and keep no key.
Over the wire, "same bytes" means the same rows as JSON, not byte for byte.`,
  run: measure,
};

async function measure(
  report: (line: string) => void,
  { isQuick, only, profileFolder }: BenchmarkChoice,
): Promise<readonly BenchmarkRow[]> {
  const calls = chooseCalls(only);
  await using world = await startWorld(report, { isProfiled: profileFolder !== undefined });
  using clients = startClients();
  if (profileFolder !== undefined) {
    const seconds = isQuick ? 1 : 5;
    return await profileCalls(calls, { world, clients, folder: profileFolder, seconds, report });
  }
  const effort = isQuick ? quickEffort : wholeEffort;
  report("api: memory of an embedded server");
  const embedded = await memoryEmbedded({ world, clients }, effort.secondsPerRound);
  const figures = await measureCalls(calls, { world, clients, effort, report });
  report("api: half load");
  const halfLoad = await measureHalfLoad(figures, { world, clients, seconds: effort.secondsPerRound * 2 });
  return [...toRows(figures), ...halfLoad, await memoryOnPostgres(world), embedded];
}

/** A name stands for the call that has it, though others may have it in theirs. */
function chooseCalls(only: readonly string[]): readonly ApiCall[] {
  if (only.length === 0) return apiCalls;
  const chosen = only.flatMap((text) => {
    const named = apiCalls.filter(({ name }) => name === text);
    const found = named.length > 0 ? named : apiCalls.filter(({ name }) => name.includes(text));
    if (found.length > 0) return found;
    throw new Error(`No call has "${text}" in its name: ${apiCalls.map(({ name }) => name).join("; ")}`);
  });
  return apiCalls.filter((call) => chosen.includes(call));
}
