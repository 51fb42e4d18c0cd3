import type { Tokens, User } from "@obsqra/contract";
import { defaultPreferences } from "@obsqra/contract";
import type { Via } from "./caller.ts";
import { ask, askInVain, type ModelSession, type ModelUser, type World } from "./world.ts";

const minuteMs = 60_000;
const accessMs = 30 * minuteMs;
/** `recentSessionMinutes` of the contract. */
const recentMs = 10 * minuteMs;

/** A session as it begins: recent, because the password was given just now. */
export function newSession(world: World, tokens: Tokens): ModelSession {
  return {
    ...renewed(world, tokens),
    recent_until: world.now + recentMs,
  };
}

function renewed(world: World, { access_token, refresh_token }: Tokens) {
  return { access_token, refresh_token, access_until: world.now + accessMs };
}

/** Opens an account with an address and a password that nobody else has. */
export async function signUp(
  world: World,
  details: { readonly full_name: string; readonly via: Via; readonly idempotencyKey?: string | undefined },
): Promise<ModelUser> {
  const { full_name, ...travel } = details;
  const input = { email: `${world.unique()}@example.org`, password: `horse ${world.unique()}`, full_name };
  const tokens = await ask<Tokens>(world, { path: "auth.register", input, ...travel });
  const me = await ask<User>(world, { path: "auth.me", bearer: tokens.access_token });
  const user: ModelUser = {
    id: me.id,
    email: input.email,
    password: input.password,
    full_name: me.full_name,
    is_verified: false,
    preferences: defaultPreferences,
    state: "active",
    sessions: [newSession(world, tokens)],
    transactions: new Map(),
    allocations: [],
    suggestions: [],
    keys: [],
    wallets: [],
    primary_wallet: null,
  };
  world.users.push(user);
  return user;
}

/** A live session of the user, which is renewed or begun where there is none. */
export async function sessionOf(world: World, user: ModelUser): Promise<ModelSession> {
  const session = user.sessions.at(-1);
  if (session === undefined) return logIn(world, user);
  if (session.access_until <= world.now) {
    const input = { refresh_token: session.refresh_token };
    Object.assign(session, renewed(world, await ask<Tokens>(world, { path: "auth.refresh", input })));
  }
  return session;
}

/** The access token of a live session. */
export async function tokenOf(world: World, user: ModelUser): Promise<string> {
  return (await sessionOf(world, user)).access_token;
}

/** A live session whose user has given the password lately. */
export async function recentSessionOf(world: World, user: ModelUser): Promise<ModelSession> {
  const session = await sessionOf(world, user);
  if (session.recent_until > world.now) return session;
  const input = { password: user.password };
  const path = "auth.reauthenticate";
  const tokens = await ask<Tokens>(world, { path, input, bearer: session.access_token });
  return Object.assign(session, newSession(world, tokens));
}

export async function logIn(world: World, user: ModelUser, via: Via = "rest"): Promise<ModelSession> {
  const input = { email: user.email, password: user.password };
  const session = newSession(world, await ask<Tokens>(world, { path: "auth.login", input, via }));
  user.sessions.push(session);
  return session;
}

/** Expects that sessions have ended. */
export async function assertEnded(world: World, sessions: readonly ModelSession[]): Promise<void> {
  for (const { access_token } of sessions) {
    await askInVain(world, { path: "auth.me", bearer: access_token }, "TOKEN_INVALID", "TOKEN_EXPIRED");
  }
}
