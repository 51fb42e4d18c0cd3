import fc from "fast-check";
import { FuzzFailure } from "./fuzz-failure.ts";
import { accountCommands } from "./model/account-commands.ts";
import { anyCommands } from "./model/any-commands.ts";
import { assertAfterwards } from "./model/assert-afterwards.ts";
import type { WorldCommand } from "./model/command.ts";
import { createWorld } from "./model/create-world.ts";
import { credentialCommands } from "./model/credential-commands.ts";
import { leavingCommands } from "./model/leaving-commands.ts";
import { readingCommands } from "./model/reading-commands.ts";
import { signUp } from "./model/sessions.ts";
import { transactionCommands } from "./model/transaction-commands.ts";
import type { World } from "./model/world.ts";
import type { FuzzTarget } from "./open-fuzz-target.ts";
import type { RemoteFuzzServer } from "./server/spawn-fuzz-server.ts";
import type { Tally } from "./tally.ts";

/** What a server is put through. */
export interface FuzzOptions {
  readonly target: FuzzTarget;
  readonly tally: Tally;
  /** The same seed means the same commands. */
  readonly seed: number;
  /** How many stories of users are made up. */
  readonly stories: number;
  /** To repeat a failure: what it said. */
  readonly path?: string | undefined;
  /** How often a failing story is made shorter, which takes as long as to find it each time. @default 60 */
  readonly shrinksMax?: number;
  /** Told of a failure before the story that leads to it is made shorter, which takes a while. */
  readonly onFailure?: (error: unknown) => void;
}

/** One in about so many commands of a story is tried: long ones find more than many. */
const commandsMax = 60;

const anyCommand: fc.Arbitrary<WorldCommand> = fc.oneof(
  ...accountCommands,
  ...transactionCommands,
  ...credentialCommands,
  ...leavingCommands,
  ...readingCommands,
  ...anyCommands,
);

/**
 * Lets users do things in any order, and what no honest user does, and judges every response; then looks at everything once
 * more when two weeks have gone by.
 *
 * @throws FuzzFailure with the seed, the path and the shortest story that leads to it
 */
export async function runFuzz(options: FuzzOptions): Promise<void> {
  const { target, tally, seed, stories, path, shrinksMax = 60 } = options;
  const worlds: World[] = [];
  let failures = 0;
  const property = fc.asyncProperty(
    fc.array(anyCommand, { minLength: 1, maxLength: commandsMax, size: "max" }),
    async (commands) => {
      if (failures > shrinksMax) return;
      using world = createWorld(target, { tally });
      try {
        await signUp(world, { full_name: "Ada", via: "rest" });
        for (const command of commands) await command.run(world, world);
        await assertNothingLogged(target.server);
      } catch (error) {
        failures += 1;
        if (failures === 1) options.onFailure?.(error);
        throw error;
      }
      worlds.push(world);
    },
  );
  const run = await fc.check(property, { seed, numRuns: stories, ...(path === undefined ? {} : { path }) });
  if (run.failed) {
    const story = run.counterexample?.[0].map(String).join("\n  ");
    const { errorInstance: cause } = run;
    const kind = cause instanceof FuzzFailure ? cause.kind : "broken_promise";
    const again = `Repeat it with --seed ${run.seed} --path ${run.counterexamplePath}`;
    throw new FuzzFailure(kind, `${String(cause)}\n${again}; the story:\n  ${story}`, { cause });
  }
  await assertAfterwards(worlds);
  await assertNothingLogged(target.server);
}

async function assertNothingLogged(server: RemoteFuzzServer): Promise<void> {
  const errors = await server.takeErrors();
  if (errors.length > 0) throw new FuzzFailure("error_log", errors.join("\n"));
}
