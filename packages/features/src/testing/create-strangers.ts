import { type Access, type ErrorCode, isOperatorAccess, type Scope, scope } from "@obsqra/contract";
import { letAgentIn } from "./agent-steps.ts";
import type { TestApi } from "./create-test-api.ts";
import { makeOperator } from "./operators.ts";
import { startLogin, turnOnTotp } from "./second-factor-steps.ts";

type GuardedAccess = Exclude<Access, "public">;

/** Somebody whom endpoints refuse before they look at the input. */
export interface Stranger {
  readonly name: string;
  readonly accessToken: string | undefined;
  /** How an endpoint of this access refuses them; undefined where it does not. */
  readonly refusal: (access: GuardedAccess) => ErrorCode | undefined;
}

const password = "correct horse battery";
const dayMs = 86_400_000;

/** Makes everybody who has no business with some endpoints, or with any. Moves the clock on by two days. */
export async function createStrangers(api: TestApi): Promise<Stranger[]> {
  const always = (code: ErrorCode) => () => code;
  const email = `${api.deps.createId()}@example.org`;
  const first = await api.caller().auth.register({ email, password, full_name: "Ada" });
  // Of an operator, so that it is not for want of rights that they are refused.
  await makeOperator(api.deps, (await api.caller(first.access_token).auth.me()).id);
  const expiredKey = await createKey(api, first.access_token, scope.options, 1);
  api.clock.advance(2 * dayMs);

  const lasting = await api.caller().auth.refresh({ refresh_token: first.refresh_token });
  const ended = await api.caller().auth.login({ email, password });
  await api.caller(ended.access_token).auth.logout();
  const live = await api.caller().auth.login({ email, password });
  const key = await createKey(api, live.access_token, scope.options);
  const revokedKey = await createKey(api, live.access_token, scope.options);
  const { items } = await api.caller(live.access_token).auth.api_keys();
  const revoked = items.find(({ prefix }) => revokedKey.startsWith(prefix));
  await api.caller(live.access_token).auth.revoke_api_key({ api_key_id: revoked?.id ?? "" });

  const narrowKeys = await Promise.all(
    scope.options.map(async (missing): Promise<Stranger> => {
      const others = scope.options.filter((option) => option !== missing);
      return {
        name: `an API key without ${missing}`,
        accessToken: await createKey(api, live.access_token, others),
        refusal: (access) => (access === missing ? "SCOPE_MISSING" : refusalOfKey(access)),
      };
    }),
  );
  return [
    { name: "nobody", accessToken: undefined, refusal: always("UNAUTHENTICATED") },
    { name: "a forged token", accessToken: forge(live.access_token), refusal: always("TOKEN_INVALID") },
    { name: "an expired token", accessToken: first.access_token, refusal: always("TOKEN_EXPIRED") },
    { name: "a revoked session", accessToken: ended.access_token, refusal: always("TOKEN_INVALID") },
    {
      name: "a session that is not recent",
      accessToken: lasting.access_token,
      refusal: (access) => (access === "recent_session" ? "REAUTHENTICATION_NEEDED" : undefined),
    },
    { name: "an API key", accessToken: key, refusal: refusalOfKey },
    ...(await noOperators(api)),
    ...narrowKeys,
    { name: "an expired API key", accessToken: expiredKey, refusal: always("API_KEY_INVALID") },
    { name: "a revoked API key", accessToken: revokedKey, refusal: always("API_KEY_INVALID") },
    // Calls of the matrix come over everything but /mcp.
    {
      name: "a key of an agent away from /mcp",
      accessToken: (await letAgentIn(api, api.caller(live.access_token))).access_token,
      refusal: always("API_KEY_INVALID"),
    },
    { name: "an unknown API key", accessToken: "obsqra_nonsense", refusal: always("API_KEY_INVALID") },
    ...(await withoutSecondFactor(api)),
    ...(await usersWhoAreGone(api)),
  ];
}

/** A user without an operator's rights, and a key of theirs with all scopes. */
async function noOperators(api: TestApi): Promise<Stranger[]> {
  const email = `${api.deps.createId()}@example.org`;
  const { access_token } = await api.caller().auth.register({ email, password, full_name: "Ada" });
  const key = await createKey(api, access_token, scope.options);
  const refusalOfSession = (access: GuardedAccess) =>
    isOperatorAccess(access) ? "OPERATOR_REQUIRED" : undefined;
  return [
    { name: "a user who is no operator", accessToken: access_token, refusal: refusalOfSession },
    {
      name: "an API key of a user who is no operator",
      accessToken: key,
      refusal: (access) => refusalOfKey(access) ?? refusalOfSession(access),
    },
  ];
}

/** How an endpoint refuses API keys, whatever their scopes. */
function refusalOfKey(access: GuardedAccess): ErrorCode | undefined {
  return access === "session" || access === "recent_session" ? "SESSION_REQUIRED" : undefined;
}

/** Whoever knows the password of a user who has a second factor, and a session that the password alone has begun. */
async function withoutSecondFactor(api: TestApi): Promise<Stranger[]> {
  const email = `${api.deps.createId()}@example.org`;
  const before = await api.caller().auth.register({ email, password, full_name: "Ada" });
  const { access_token } = await api.caller().auth.login({ email, password });
  await turnOnTotp(api, api.caller(access_token));
  const challenge = await startLogin(api.caller().auth, email);
  return [
    {
      name: "a login that waits for its second factor",
      accessToken: challenge,
      refusal: () => "TOKEN_INVALID",
    },
    {
      name: "a session from before the second factor",
      accessToken: before.access_token,
      refusal: () => "TOKEN_INVALID",
    },
  ];
}

async function usersWhoAreGone(api: TestApi): Promise<Stranger[]> {
  const { db } = api.deps;
  const ways: readonly [string, (userId: string, token: string) => Promise<unknown>][] = [
    ["a user who has asked to be deleted", (_, token) => api.caller(token).users.schedule_deletion()],
    [
      "an erased user",
      (id) => db.updateTable("users").set({ erased_at: api.clock() }).where("id", "=", id).execute(),
    ],
  ];
  const gone: Stranger[] = [];
  for (const [name, leave] of ways) {
    const email = `${api.deps.createId()}@example.org`;
    const { access_token } = await api.caller().auth.register({ email, password, full_name: "Eve" });
    const key = await createKey(api, access_token, scope.options);
    const { id } = await api.caller(access_token).auth.me();
    await leave(id, access_token);
    gone.push(
      { name, accessToken: access_token, refusal: () => "TOKEN_INVALID" },
      { name: `an API key of ${name}`, accessToken: key, refusal: () => "API_KEY_INVALID" },
    );
  }
  return gone;
}

async function createKey(
  api: TestApi,
  accessToken: string,
  scopes: readonly Scope[],
  expires_in_days = 90,
): Promise<string> {
  const input = { name: "Test", scopes: [...scopes], expires_in_days };
  return (await api.caller(accessToken).auth.create_api_key(input)).key;
}

/** The same claims with a signature of nobody. */
function forge(token: string): string {
  return `${token.slice(0, token.lastIndexOf("."))}.${Buffer.alloc(32).toString("base64url")}`;
}
