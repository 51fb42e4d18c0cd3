import type { Tokens } from "@obsqra/contract";
import { newSession } from "./sessions.ts";
import { ask, type World } from "./world.ts";

/** Looking after every call would double the calls. */
const usesPerCheck = 10;

/** The token of somebody whom the model does not follow, because anything may happen to them. */
export async function strangerToken(world: World): Promise<string> {
  const { stranger } = world;
  stranger.uses += 1;
  const { session } = stranger;
  if (session !== undefined && session.access_until > world.now) {
    if (stranger.uses % usesPerCheck !== 0) return session.access_token;
    const me = await world.caller.call({ path: "auth.me", bearer: session.access_token });
    if (me.ok) return session.access_token;
  }
  const name = world.unique();
  const input = { email: `${name}@example.org`, password: `horse ${name}`, full_name: "Eve" };
  stranger.session = newSession(world, await ask<Tokens>(world, { path: "auth.register", input }));
  return stranger.session.access_token;
}
