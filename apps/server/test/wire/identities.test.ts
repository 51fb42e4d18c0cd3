import { createIdentityProviders } from "@obsqra/features";
import { startOidcProvider } from "@obsqra/features/testing/oidc";
import { expect, it } from "vitest";
import { send, sendJson, startTestServer } from "./start-test-server.ts";

const publicUrl = "http://localhost:8000";
const email = "ada@example.org";

/** A server that people sign in to by a provider in this process. */
async function start() {
  await using stack = new AsyncDisposableStack();
  const identityProviders: ReturnType<typeof createIdentityProviders> = [];
  const server = stack.use(
    await startTestServer({ identityProviders, env: { APP_URL: "https://app.example.org" } }),
  );
  const provider = stack.use(
    await startOidcProvider({
      accounts: { ada: { email, email_verified: true, name: "Ada Lovelace" } },
      redirectUri: `${publicUrl}/identity/company/callback`,
      backChannelLogoutUri: `${server.url}/identity/company/back-channel-logout`,
    }),
  );
  const tools = { fetch, clock: () => new Date(), publicUrl, log: { warn: () => {} } };
  identityProviders.push(...createIdentityProviders([provider.settings], tools));
  const kept = stack.move();
  return { server, provider, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

type Started = Awaited<ReturnType<typeof start>>;

async function post<TOutput>({ server }: Started, path: string, body: object): Promise<TOutput> {
  const response = await sendJson(server.url, { path: `/api/v1/auth/${path}`, json: body });
  return JSON.parse(response.body) as TOutput;
}

/** Goes to the provider and back, as far as the page of the dashboard. */
async function comeBack(started: Started) {
  const { provider, server } = started;
  const begun = await post<{ attempt: string; authorization_url: string }>(started, "identity-logins", {
    provider: "company",
  });
  const back = await provider.visit(begun.authorization_url);
  expect(back.origin).toBe(publicUrl);
  const response = await send(server.url, { path: back.pathname + back.search });
  return { attempt: begun.attempt, response };
}

it("sends a browser on to the page that has begun, and signs in there by what comes behind #", async () => {
  await using started = await start();
  const { attempt, response } = await comeBack(started);
  expect(response.status).toBe(302);
  expect(response.headers.get("cache-control")).toBe("no-store");
  const page = new URL(response.headers.get("location") ?? "");
  expect([page.origin + page.pathname, page.search]).toEqual([
    "https://app.example.org/account/identity",
    "",
  ]);
  const answer = page.hash.slice(1);
  const { access_token } = await post<{ access_token: string }>(started, "login-with-identity", {
    attempt,
    answer,
  });
  const me = await send(started.server.url, {
    path: "/api/v1/auth/me",
    headers: { authorization: `Bearer ${access_token}` },
  });
  expect(JSON.parse(me.body)).toMatchObject({ email, full_name: "Ada Lovelace", is_verified: true });
  // Neither the code nor the attempt is in the log.
  const secrets = [attempt, new URLSearchParams(answer).get("code") ?? "none"];
  for (const secret of secrets) expect(started.server.logLines.join("\n")).not.toContain(secret);
});

it("ends sessions when the provider says that they are over there", async () => {
  await using started = await start();
  const { attempt, response } = await comeBack(started);
  const answer = new URL(response.headers.get("location") ?? "").hash.slice(1);
  const { access_token } = await post<{ access_token: string }>(started, "login-with-identity", {
    attempt,
    answer,
  });
  const me = () =>
    send(started.server.url, {
      path: "/api/v1/auth/me",
      headers: { authorization: `Bearer ${access_token}` },
    });
  expect((await me()).status).toBe(200);
  await started.provider.signOut();
  expect((await me()).status).toBe(401);
});

it("refuses what no provider has sent", async () => {
  await using started = await start();
  const { url } = started.server;
  for (const path of [
    "/identity/another/callback?code=x&state=x",
    "/identity/company/callback",
    "/identity/company/callback?code=x&code=y",
    `/identity/company/callback?code=${"x".repeat(5_000)}`,
  ]) {
    expect([path, (await send(url, { path })).status]).toEqual([path, 400]);
  }
  const logOut = (body: string, type = "application/x-www-form-urlencoded") =>
    send(url, {
      method: "POST",
      path: "/identity/company/back-channel-logout",
      headers: { "content-type": type },
      body,
    });
  const refused = await logOut("logout_token=forged");
  expect([refused.status, refused.headers.get("cache-control")]).toEqual([400, "no-store"]);
  expect(JSON.parse(refused.body)).toMatchObject({ error: "invalid_request" });
  expect((await logOut("")).status).toBe(400);
  expect((await logOut("{}", "application/json")).status).toBe(415);
  expect((await logOut(`logout_token=${"x".repeat(20_000)}`)).status).toBe(413);
});
