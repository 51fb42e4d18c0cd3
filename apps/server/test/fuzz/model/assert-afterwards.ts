import { createCaller } from "./caller.ts";
import { assertListed } from "./transaction-commands.ts";
import { askInVain, Postponed, type World } from "./world.ts";

const dayMs = 86_400_000;

/** Longer than the two weeks in which a deletion can be cancelled. */
const gapMs = 15 * dayMs;

/** So many users are looked at again; each has to sign in anew, which takes a hash. */
const usersMax = 10;

/**
 * Lets two weeks go by, erases whoever has asked for it, and looks at everybody's data once more: those who have left are
 * gone, and those who have not find everything.
 *
 * @throws FuzzFailure
 */
export async function assertAfterwards(worlds: readonly World[]): Promise<void> {
  const [first] = worlds;
  if (first === undefined) return;
  const { server, tally } = first;
  // Mail that waits for a day is given up, and that is logged as an error.
  await server.takeMail();
  await server.advance(gapMs);
  await server.cleanUp();
  using caller = createCaller(server.url, tally);
  const everybody = worlds.flatMap((world) =>
    world.users.map((user) => ({ user, world: { ...world, caller } })),
  );
  const left = everybody.filter(({ user }) => user.state === "leaving").slice(0, usersMax);
  const stayed = everybody.filter(({ user }) => user.state === "active").slice(-usersMax);
  for (const { user, world } of left) {
    user.state = "gone";
    const input = { email: user.email, password: user.password };
    await unlessPostponed(() => askInVain(world, { path: "auth.login", input }, "CREDENTIALS_INVALID"));
  }
  for (const { user, world } of stayed) {
    // Nobody's sessions have lasted.
    user.sessions = [];
    await unlessPostponed(() => assertListed(world, user, { limit: 37, via: "rest" }));
  }
  await server.forecast();
}

async function unlessPostponed(look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!(error instanceof Postponed)) throw error;
  }
}
