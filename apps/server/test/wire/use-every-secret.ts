import { randomBytes } from "node:crypto";
import type {
  AllowedAgent,
  CompletedLogin,
  NewApiKey,
  Organisation,
  RecoveryCodes,
  Tokens,
  TotpSetUp,
  WalletChallenge,
} from "@obsqra/contract";
import type { AgentTokens } from "@obsqra/features";
import {
  agentParameters,
  agentVerifier,
  askAsAgent,
  codeAt,
  readNewestToken,
} from "@obsqra/features/testing";
import type { TestWallet } from "@obsqra/starknet/testing";
import { callEndpoint, type Protocol, readOutput } from "./call-endpoint.ts";
import type { Secrets } from "./find-leaks.ts";
import { send, sendJson, type TestServer } from "./start-test-server.ts";
import { useIdentity } from "./use-identity.ts";
import { usePasskey } from "./use-passkey.ts";

/** A server that logs all it can, and everything secret that went through it. */
export interface Journey {
  readonly server: TestServer;
  readonly protocol: Protocol;
  readonly secrets: Map<string, string>;
  /** Remembers a secret. */
  plant(what: string, secret: string): string;
  /** Calls an endpoint; whatever it returns is fine. */
  attempt(path: string, input?: Record<string, unknown>, bearer?: string): Promise<unknown>;
  /** Calls an endpoint and expects success. */
  call<TOutput>(path: string, input?: Record<string, unknown>, bearer?: string): Promise<TOutput>;
}

/**
 * Goes with one user through everything that has to do with secrets, and gives them all.
 *
 * @param wallet of an account that is deployed
 */
export async function useEverySecret(
  server: TestServer,
  wallet: TestWallet,
  protocol: Protocol,
): Promise<Secrets> {
  const journey = startJourney(server, protocol);
  const email = `${protocol}@example.org`;
  const password = await useSessions(journey, email);
  const accessToken = await usePasswords(journey, email, password);
  await useEmail(journey, email, accessToken);
  await useApiKeys(journey, accessToken);
  await useInvitation(journey, accessToken);
  await useAgent(journey, accessToken);
  await useSecondFactor(journey, `new-${email}`, accessToken);
  await useWallets(journey, wallet, accessToken);
  await misplaceSecrets(journey, accessToken);
  await useBrokenDatabase(journey, accessToken);
  return journey.secrets;
}

function startJourney(server: TestServer, protocol: Protocol): Journey {
  const secrets = new Map<string, string>();
  const request = (path: string, input?: Record<string, unknown>, bearer?: string) =>
    callEndpoint(server.url, { protocol, path, input, bearer });
  return {
    server,
    protocol,
    secrets,
    plant: (what, secret) => {
      secrets.set(what, secret);
      return secret;
    },
    attempt: request,
    call: async (path, input, bearer) => readOutput(await request(path, input, bearer), protocol),
  };
}

/** Different in every encoding from itself as it is. */
const newPassword = () => `pass "wörd" ${randomBytes(12).toString("base64")} / ?`;

async function signIn(
  journey: Journey,
  path: string,
  input: Record<string, unknown>,
): Promise<Tokens & Partial<CompletedLogin>> {
  const tokens = await journey.call<Tokens & Partial<CompletedLogin>>(path, input);
  journey.plant(`an access token of ${path}`, tokens.access_token);
  journey.plant(`a refresh token of ${path}`, tokens.refresh_token);
  return tokens;
}

/** Registers, logs in, refreshes, tries wrong passwords and used tokens. */
async function useSessions(journey: Journey, email: string): Promise<string> {
  const { attempt, plant, server } = journey;
  const password = plant("the password", newPassword());
  await signIn(journey, "auth.register", { email, password, full_name: "Ada" });
  await attempt("auth.register", { email, password, full_name: "Ada" });
  await attempt("auth.register", {
    email: "x",
    password: plant("a password of a bad registration", newPassword()),
  });
  await attempt("auth.register", { email: `z${email}`, password: "password1", full_name: "Ada" });
  const first = await signIn(journey, "auth.login", { email, password });
  const next = await signIn(journey, "auth.refresh", { refresh_token: first.refresh_token });
  await attempt("auth.refresh", { refresh_token: first.refresh_token });
  server.api.clock.advance(11_000);
  await attempt("auth.refresh", { refresh_token: first.refresh_token });
  await attempt("auth.refresh", { refresh_token: next.refresh_token });
  await attempt("auth.refresh", {
    refresh_token: plant("an unknown refresh token", "unknown-refresh-token-1"),
  });
  const wrong = plant("a wrong password", newPassword());
  for (let turn = 0; turn < 8; turn += 1)
    await attempt("auth.login", { email: `w${email}`, password: wrong });
  return password;
}

/** Resets and changes the password, and gives it again. */
async function usePasswords(journey: Journey, email: string, password: string): Promise<string> {
  const { attempt, call, plant, server } = journey;
  await call("auth.request_password_reset", { email });
  const token = plant("the token of a reset", await readNewestToken(server.api, "password_reset"));
  const reset = plant("the password after a reset", newPassword());
  await call("auth.reset_password", { token, new_password: reset });
  await attempt("auth.reset_password", { token, new_password: password });
  const { access_token } = await signIn(journey, "auth.login", { email, password: reset });
  const changed = plant("the changed password", newPassword());
  const wrong = plant("a wrong current password", newPassword());
  await attempt("auth.change_password", { current_password: wrong, new_password: changed }, access_token);
  await call("auth.change_password", { current_password: reset, new_password: changed }, access_token);
  await attempt("auth.reauthenticate", { password: wrong }, access_token);
  const again = await call<Tokens>("auth.reauthenticate", { password: changed }, access_token);
  plant("the refresh token of a new session", again.refresh_token);
  return plant("the access token of a new session", again.access_token);
}

/** Follows the links of mails. */
async function useEmail(journey: Journey, email: string, accessToken: string): Promise<void> {
  const { attempt, call, plant, server } = journey;
  const verification = plant(
    "the token of a verification",
    await readNewestToken(server.api, "email_verification"),
  );
  await attempt("auth.verify_email", { token: verification });
  await call("auth.request_email_change", { new_email: `new-${email}` }, accessToken);
  for (const template of ["email_change_new", "email_change_old"] as const) {
    const token = plant(`the token of ${template}`, await readNewestToken(server.api, template));
    await call("auth.confirm_email_change", { token });
    await attempt("auth.confirm_email_change", { token });
  }
}

async function useInvitation(journey: Journey, accessToken: string): Promise<void> {
  const { attempt, call, plant, protocol, server } = journey;
  const { id: owner } = await call<Organisation>("organisations.create", { name: "Engines" }, accessToken);
  const input = { email: `invited-${protocol}@example.org`, role: "viewer" };
  await callEndpoint(server.url, {
    protocol,
    path: "organisations.invite",
    input,
    bearer: accessToken,
    owner,
  });
  const token = plant(
    "the token of an invitation",
    await readNewestToken(server.api, "organisation_invitation"),
  );
  await attempt("organisations.accept_invitation", { token }, accessToken);
}

async function useApiKeys(journey: Journey, accessToken: string): Promise<void> {
  const { attempt, call, plant } = journey;
  const input = { name: "Report", scopes: ["users:read"] };
  const made = await call<NewApiKey>("auth.create_api_key", input, accessToken);
  const key = plant("an API key", made.key);
  await call("auth.me", undefined, key);
  await attempt("auth.sessions", undefined, key);
  await attempt("users.update_profile", { full_name: "Eve" }, key);
  await call("auth.revoke_api_key", { api_key_id: made.id }, accessToken);
  await attempt("auth.me", undefined, key);
  await attempt("auth.me", undefined, plant("an unknown API key", `${made.prefix}_${"k".repeat(43)}`));
}

/** Lets an agent in, and has it renew its key and give it up. */
async function useAgent({ server, attempt, call, plant }: Journey, accessToken: string): Promise<void> {
  const parameters = agentParameters(server.api);
  const request = plant("what an agent asks", await askAsAgent(server.api, parameters));
  const { redirect_to } = await call<AllowedAgent>("auth.allow_agent", { request }, accessToken);
  const code = plant("a code of an agent", new URL(redirect_to).searchParams.get("code") ?? "");
  const { client_id = "" } = parameters;
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const post = async (path: string, form: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams(form).toString();
    return (await send(server.url, { method: "POST", path, headers, body })).body;
  };
  const exchange = { grant_type: "authorization_code", code, code_verifier: agentVerifier, client_id };
  const first = JSON.parse(await post("/oauth/token", exchange)) as AgentTokens;
  const refresh_token = plant("a refresh token of an agent", first.refresh_token);
  await attempt("auth.me", undefined, plant("the first key of an agent", first.access_token));
  const renewal = { grant_type: "refresh_token", refresh_token, client_id };
  const second = JSON.parse(await post("/oauth/token", renewal)) as AgentTokens;
  const json = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "users_profile" } };
  const authorization = `Bearer ${plant("the second key of an agent", second.access_token)}`;
  await sendJson(server.url, { path: "/mcp", headers: { authorization }, json });
  await post("/oauth/revoke", { token: plant("another refresh token of an agent", second.refresh_token) });
  for (const form of [exchange, renewal]) await post("/oauth/token", form);
  await send(server.url, { path: `/oauth/refuse?request=${request}` });
}

/** Turns a second factor on, signs in with it, and turns it off. */
async function useSecondFactor(journey: Journey, email: string, accessToken: string): Promise<void> {
  const { attempt, call, plant, secrets, server } = journey;
  const { secret, otpauth_uri } = await call<TotpSetUp>("auth.set_up_totp", undefined, accessToken);
  plant("the secret of an app", secret);
  plant("the link of an app", otpauth_uri);
  const code = codeAt(secret, server.api.clock());
  const { recovery_codes } = await call<RecoveryCodes>("auth.confirm_totp", { code }, accessToken);
  for (const recovery of recovery_codes) plant(`the recovery code ${recovery}`, recovery);
  const password = secrets.get("the changed password") ?? "";
  const refused = await attempt("auth.login", { email, password });
  const challenge = /"challenge":"([\w-]{43})"/.exec(JSON.stringify(refused).replaceAll("\\", ""))?.[1];
  plant("a challenge of a login", challenge ?? "the login was not challenged");
  await attempt("auth.complete_login", { challenge, code: plant("a wrong code", "w-r-o-n-g-code") });
  const completed = { challenge, code: recovery_codes[0], remember_device: true };
  const { device_token } = await signIn(journey, "auth.complete_login", completed);
  plant("the token of a device", device_token ?? "none was remembered");
  await signIn(journey, "auth.login", { email, password, device_token });
  await attempt("auth.login", {
    email,
    password,
    device_token: plant("an unknown device", "unknown-device-1"),
  });
  await attempt("auth.complete_login", { challenge, code: recovery_codes[0] });
  await attempt("auth.reauthenticate", { code: recovery_codes[0] }, accessToken);
  await usePasskey(journey, accessToken);
  await call("auth.turn_off_second_factor", { code: recovery_codes[1] }, accessToken);
  await useIdentity(journey, email, accessToken);
}

async function useWallets(journey: Journey, wallet: TestWallet, accessToken: string): Promise<void> {
  const { attempt, call, plant } = journey;
  const input = { wallet_address: wallet.address };
  for (const isRight of [true, false]) {
    const challenge = await call<WalletChallenge>("auth.wallet_challenge", input, accessToken);
    // The contract writes the same with fewer words.
    const signature = wallet.sign(challenge.typed_data as Parameters<typeof wallet.sign>[0]);
    for (const felt of signature) plant(`the felt ${felt} of a signature`, felt);
    if (!isRight) signature.reverse();
    const connect = { ...input, challenge_id: challenge.challenge_id, signature };
    await (isRight ? call : attempt)("auth.connect_wallet", connect, accessToken);
    await attempt("auth.connect_wallet", connect, accessToken);
  }
}

/** Puts secrets where they do not belong. */
async function misplaceSecrets(
  { server: { url }, plant, protocol }: Journey,
  accessToken: string,
): Promise<void> {
  const secret = (what: string) => plant(what, `misplaced-${randomBytes(16).toString("hex")}`);
  const paths =
    protocol === "rest"
      ? ["/api/v1/auth/login", "/api/v1/auth/reset-password", "/api/v1/auth/logout"]
      : ["/trpc/auth.login", "/trpc/auth.reset_password", "/trpc/auth.logout?batch=1"];
  for (const path of paths) {
    const fields = ["password", "token", "api_key", "secret", "new_password", "refresh_token", "key"];
    const json = Object.fromEntries(fields.map((field) => [field, secret(`${field} sent to ${path}`)]));
    await sendJson(url, { path, json });
    await sendJson(url, { path, json: JSON.stringify(json).slice(0, -1) });
    await sendJson(url, { path, json: JSON.stringify(json).replaceAll('"', "'") });
    await sendJson(url, { path, json: { ...json, padding: "x".repeat(70_000) } });
    await sendJson(url, { path, json: Object.values(json) });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    await send(url, { method: "POST", path, headers: form, body: new URLSearchParams(json).toString() });
  }
  const inQuery = secret("a token in a query string");
  for (const path of ["/api/v1/auth/me", "/trpc/auth.me", "/account/reset-password", "/docs/", "/health"]) {
    await send(url, { path: `${path}?token=${inQuery}&access_token=${accessToken}` });
  }
  for (const value of ["Basic", "Token", "Bearer x"]) {
    await send(url, { path: "/api/v1/auth/me", headers: { authorization: `${value} ${inQuery}` } });
  }
  const cookie = `session=${secret("a token in a cookie")}`;
  await send(url, {
    path: "/api/v1/auth/me",
    headers: { cookie, referer: `https://x.org/?token=${inQuery}` },
  });
}

/** Asks for everything again while the database responds to nothing. */
async function useBrokenDatabase(journey: Journey, accessToken: string): Promise<void> {
  const { attempt, plant, protocol, server, secrets } = journey;
  const { db } = server.api.deps;
  const [password = "", token = ""] = [secrets.get("the password"), secrets.get("the token of a reset")];
  const statements = [
    () => db.schema.alterTable("auth_refresh_tokens").renameTo("gone_refresh_tokens").execute(),
    () => db.schema.alterTable("auth_one_time_tokens").renameTo("gone_one_time_tokens").execute(),
    () => db.schema.alterTable("api_keys").renameTo("gone_api_keys").execute(),
    () => db.schema.alterTable("user_passwords").renameTo("gone_user_passwords").execute(),
    () => db.schema.alterTable("auth_sessions").renameTo("gone_sessions").execute(),
    () => db.schema.alterTable("users").renameTo("gone_users").execute(),
  ];
  for (const breakMore of statements) {
    await breakMore();
    const email = `broken-${statements.indexOf(breakMore)}@example.org`;
    const registration = plant("a password of a failed registration", newPassword());
    await attempt("auth.register", { email, password: registration, full_name: "Eve" });
    await attempt("auth.login", { email: `new-${protocol}@example.org`, password });
    await attempt("auth.refresh", { refresh_token: secrets.get("a refresh token of auth.login") ?? "" });
    await attempt("auth.reset_password", { token, new_password: registration });
    await attempt("auth.verify_email", { token });
    await attempt("auth.create_api_key", { name: "Report", scopes: ["users:read"] }, accessToken);
    await attempt(
      "auth.change_password",
      { current_password: password, new_password: password },
      accessToken,
    );
    await attempt("auth.me", undefined, secrets.get("an API key") ?? "");
    await attempt("auth.me", undefined, accessToken);
  }
}
