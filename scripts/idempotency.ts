import { parseArgs } from "node:util";
import {
  type KeyOutcome,
  runDuplicateStorm,
  type StormOptions,
} from "../apps/server/test/storm/duplicate-storm.ts";
import { readWholeNumber, runScript } from "./command-line.ts";

const help = `Sends duplicates of mutations with idempotency keys to real servers on a real Postgres, over REST and tRPC, and
kills a server (SIGKILL) in the middle of them, again and again. Every call is repeated until a reply comes.
Exits with 1 unless every key has had exactly one effect and one reply.

Usage: pnpm idempotency [--duplicates 1000] [--kills 3] [--keys 20] [--servers 2]

  --duplicates  calls at the same moment, before each kill
  --kills       how often a server is killed and started again
  --keys        different keys among the calls of a moment
  --servers     servers on the one Postgres
  --help        show this text
`;

process.exitCode = await runScript({ help, parse, run });

function parse(): StormOptions | undefined {
  const { values } = parseArgs({
    options: {
      duplicates: { type: "string", default: "1000" },
      kills: { type: "string", default: "3" },
      keys: { type: "string", default: "20" },
      servers: { type: "string", default: "2" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  return {
    duplicates: readWholeNumber("duplicates", values.duplicates, 1),
    kills: readWholeNumber("kills", values.kills, 1),
    keys: readWholeNumber("keys", values.keys, 1),
    servers: readWholeNumber("servers", values.servers, 1),
  };
}

async function run(options: StormOptions): Promise<number> {
  const { requests, cutOff, kills, keys } = await runDuplicateStorm(options, (line) =>
    process.stdout.write(`${line}\n`),
  );
  const calls = keys.reduce((sum, key) => sum + key.calls, 0);
  process.stdout.write(`
Calls              ${calls}, each with a reply
Requests           ${requests}, of which ${cutOff} were cut off by a kill and sent again
Kills              ${kills}
Keys               ${keys.length}
Effects per key    ${range(keys, ({ effects }) => effects)}
Replies per key    ${range(keys, ({ replies }) => replies)}

${[...Map.groupBy(keys, ({ mutation }) => mutation)].map(describeMutation).join("\n")}
`);
  return keys.every(({ effects, replies }) => effects === 1 && replies === 1) ? 0 : 1;
}

function describeMutation([mutation, keys]: readonly [string, readonly KeyOutcome[]]): string {
  const effects = range(keys, (key) => key.effects);
  return `${mutation.padEnd(24)}${keys.length} keys, ${range(keys, ({ calls }) => calls)} calls each, effects ${effects}`;
}

/** Such as "1", or "1 to 3". */
function range(keys: readonly KeyOutcome[], read: (key: KeyOutcome) => number): string {
  const numbers = keys.map(read);
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
  return min === max ? String(min) : `${min} to ${max}`;
}
