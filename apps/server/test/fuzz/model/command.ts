import fc from "fast-check";
import type { Via } from "./caller.ts";
import type { ModelUser, World } from "./world.ts";
import { Postponed } from "./world.ts";

/** Something that users do, and what has to come of it. */
export interface Command<TParameters> {
  readonly name: string;
  /** How often it is chosen, in relation to the others. @default 1 */
  readonly weight?: number;
  readonly parameters: fc.Arbitrary<TParameters>;
  /** @throws FuzzFailure */
  readonly run: (world: World, parameters: TParameters) => Promise<void>;
}

/** A command as fast-check takes it; the model and the server are both in the world. */
export type WorldCommand = fc.AsyncCommand<World, World>;

/** Declares a command and keeps the type of its parameters. */
export function defineCommand<TParameters>(
  command: Command<TParameters>,
): fc.WeightedArbitrary<WorldCommand> {
  const { name, weight = 1, parameters, run } = command;
  const arbitrary = parameters.map(
    (given): WorldCommand => ({
      check: () => true,
      run: async (_model, world) => {
        try {
          await run(world, given);
        } catch (error) {
          if (!(error instanceof Postponed)) throw error;
        }
      },
      toString: () => `${name} ${fc.stringify(given)}`,
    }),
  );
  return { arbitrary, weight };
}

/** How calls travel, and whether they bring an idempotency key. */
export const travel = fc.record({
  via: fc.constantFrom<Via>("rest", "trpc", "batch", "graphql", "mcp"),
  isKeyed: fc.boolean(),
});
export type Travel = typeof travel extends fc.Arbitrary<infer T> ? T : never;

/**
 * One of the users who have not left.
 *
 * @throws Postponed while there is none
 */
export function pickUser({ users }: World, which: number): ModelUser {
  const active = users.filter(({ state }) => state === "active");
  const user = active[which % active.length];
  if (user === undefined) throw new Postponed();
  return user;
}

/** The fields of a call that say how it travels. */
export function travelling(world: World, { via, isKeyed }: Travel) {
  return { via, idempotencyKey: isKeyed ? world.unique() : undefined };
}
