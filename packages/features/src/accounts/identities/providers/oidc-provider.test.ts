import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "@obsqra/platform";
import { expect, it } from "vitest";
import {
  createSigningKey,
  type ProviderOptions,
  type RunningProvider,
  startOidcProvider,
} from "../../../testing/start-oidc-provider.ts";
import { type AttemptSecrets, secretsOf } from "../attempt-secrets.ts";
import { createOidcProvider } from "./oidc-provider.ts";

const publicUrl = "https://api.example.org";
const redirectUri = `${publicUrl}/identity/company/callback`;
const secrets = secretsOf("the secret of a browser");

/** The code with which something is refused. */
async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

const start = (options: Partial<ProviderOptions> = {}) =>
  startOidcProvider({
    accounts: { ada: { email: "Ada@Example.org", email_verified: true, name: "Ada Lovelace" } },
    redirectUri,
    ...options,
  });

/** The provider as the service knows it. */
function open(
  running: RunningProvider,
  { skewMs = 0, ...changed }: { skewMs?: number; issuer?: string } = {},
) {
  const logged: { facts: object; message: string }[] = [];
  const warn = (facts: object, message: string) => void logged.push({ facts, message });
  const clock = () => new Date(Date.now() + skewMs);
  const tools = { fetch, clock, publicUrl, log: { warn } };
  return { provider: createOidcProvider({ ...running.settings, ...changed }, tools), logged };
}

/** Goes to the provider and back, as a browser does. */
async function answerOf(
  running: RunningProvider,
  provider: ReturnType<typeof open>["provider"],
  with_: AttemptSecrets = secrets,
) {
  const back = await running.visit(await provider.begin(with_));
  expect(back.origin + back.pathname).toBe(redirectUri);
  return back.search.slice(1);
}

it("says who somebody is, whose address the provider has verified", async () => {
  await using running = await start();
  const { provider } = open(running);
  const proven = await provider.prove(await answerOf(running, provider), secrets);
  expect(proven).toEqual({
    subject: "ada",
    emails: ["ada@example.org"],
    name: "Ada Lovelace",
    session: undefined,
  });
});

it("asks with PKCE, state and nonce, which are different for each attempt", async () => {
  await using running = await start();
  const { provider } = open(running);
  const [one, other] = [await provider.begin(secrets), await provider.begin(secretsOf("another"))].map(
    (url) => new URL(url).searchParams,
  );
  expect(Object.fromEntries(one ?? [])).toMatchObject({
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid email profile",
    code_challenge_method: "S256",
    state: secrets.state,
    nonce: secrets.nonce,
  });
  for (const name of ["state", "nonce", "code_challenge"]) {
    expect(one?.get(name)).toMatch(/^[\w-]{43}$/);
    expect(one?.get(name)).not.toBe(other?.get(name));
  }
});

it.each(["email_verified: false", "no email_verified", "no address", "no address that could be one"])(
  "karakeep#2921: takes no address for somebody's that the provider does not vouch for (%s)",
  async (kind) => {
    const account = {
      "email_verified: false": { email: "ada@example.org", email_verified: false },
      "no email_verified": { email: "ada@example.org" },
      "no address": { email_verified: true },
    }[kind] ?? { email: "ada", email_verified: true };
    await using running = await start({ accounts: { eve: account } });
    const { provider } = open(running);
    const { subject, emails } = await provider.prove(await answerOf(running, provider), secrets);
    expect({ subject, emails }).toEqual({ subject: "eve", emails: [] });
  },
);

it("eventuras#1457: exchanges the code with the redirect_uri of PUBLIC_URL, whatever address the request came by", async () => {
  await using running = await start();
  const { provider } = open(running);
  // All that is passed on of the address is its query: scheme, host and path are not looked at, and cannot be wrong.
  const answer = await answerOf(running, provider);
  const pretended = `https://evil.example/identity/company/callback?${answer}`;
  expect(await codeOf(provider.prove(pretended, secrets))).toBe("IDENTITY_REJECTED");
  expect(await codeOf(provider.prove(answer, secrets))).toBeUndefined();
});

it("refuses another browser's state, nonce and code, and what comes from another issuer", async () => {
  await using running = await start();
  const { provider, logged } = open(running);
  const refused = async (change: (answer: URLSearchParams) => void, with_ = secrets) => {
    const answer = new URLSearchParams(await answerOf(running, provider));
    change(answer);
    return codeOf(provider.prove(answer.toString(), with_));
  };
  const other = secretsOf("of another browser");
  expect(await refused((answer) => answer.set("state", other.state))).toBe("IDENTITY_REJECTED");
  expect(await refused((answer) => answer.delete("state"))).toBe("IDENTITY_REJECTED");
  expect(await refused((answer) => answer.append("state", other.state))).toBe("IDENTITY_REJECTED");
  expect(await refused((answer) => answer.set("iss", "https://evil.example"))).toBe("IDENTITY_REJECTED");
  // The provider says who answers, so that whoever leaves it out is somebody else.
  expect(await refused((answer) => answer.delete("iss"))).toBe("IDENTITY_REJECTED");
  expect(await refused((answer) => answer.set("code", "made-up"))).toBe("IDENTITY_REJECTED");
  // Of the same address, by another attempt.
  expect(await refused(() => {}, { ...secrets, nonce: other.nonce })).toBe("IDENTITY_REJECTED");
  expect(await refused(() => {}, { ...secrets, codeVerifier: other.codeVerifier })).toBe("IDENTITY_REJECTED");
  expect(logged).toHaveLength(8);
  expect(JSON.stringify(logged)).not.toMatch(/ada@example|made-up|secret of/i);
});

it("passes on what the provider says itself, such as that its user has cancelled", async () => {
  await using running = await start();
  const { provider } = open(running);
  const { state } = secrets;
  const answer = new URLSearchParams({ error: "access_denied", state, iss: running.issuer }).toString();
  await expect(provider.prove(answer, secrets)).rejects.toMatchObject({
    code: "IDENTITY_REJECTED",
    details: { provider_error: "access_denied" },
  });
});

it("takes a code once", async () => {
  await using running = await start();
  const { provider } = open(running);
  const answer = await answerOf(running, provider);
  await provider.prove(answer, secrets);
  expect(await codeOf(provider.prove(answer, secrets))).toBe("IDENTITY_REJECTED");
});

it("bears clocks that differ by seconds, and takes no token that is over by more", async () => {
  await using running = await start();
  for (const [skewMs, code] of [
    [-20_000, undefined],
    [20_000, undefined],
    [3_600_000 + 20_000, undefined],
    [3_600_000 + 40_000, "IDENTITY_REJECTED"],
  ] as const) {
    const { provider } = open(running, { skewMs });
    const answer = await answerOf(running, provider);
    expect([skewMs, await codeOf(provider.prove(answer, secrets))]).toEqual([skewMs, code]);
  }
});

it("goes on when the provider changes its keys between two sign-ins", async () => {
  const accounts = { ada: { email: "ada@example.org", email_verified: true } };
  const first = await start({ accounts });
  const { port } = new URL(first.issuer);
  const { provider } = open(first);
  await provider.prove(await answerOf(first, provider), secrets);
  await first[Symbol.asyncDispose]();
  const keys = [await createSigningKey("second")];
  await using second = await start({ accounts, port: Number(port), keys });
  const { subject } = await provider.prove(await answerOf(second, provider), secrets);
  expect(subject).toBe("ada");
});

it("refuses a token that is signed with a key that is not the provider's", async () => {
  await using running = await start();
  const { provider } = open(running);
  const answer = await answerOf(running, provider);
  await using other = await start({ keys: [await createSigningKey("first")] });
  // As if somebody on the way had changed the keys.
  const diverted: typeof fetch = (url, init) =>
    fetch(String(url).endsWith("/jwks") ? `${other.issuer}/jwks` : url, init);
  const tools = { fetch: diverted, clock: () => new Date(), publicUrl, log: { warn: () => {} } };
  const fooled = createOidcProvider(running.settings, tools);
  expect(await codeOf(fooled.prove(answer, secrets))).toBe("IDENTITY_REJECTED");
});

it("refuses a provider that names itself otherwise than it is configured", async () => {
  await using running = await start();
  const { provider } = open(running, { issuer: running.issuer.replace("127.0.0.1", "localhost") });
  expect(await codeOf(provider.begin(secrets))).toBe("IDENTITY_PROVIDER_UNAVAILABLE");
});

it.each(["says nothing", "drips", "floods", "fails", "is away", "leads elsewhere"])(
  "ends with a provider that %s",
  async (kind) => {
    const server = createServer((_request, response) => {
      if (kind === "fails") response.writeHead(500).end();
      if (kind === "leads elsewhere") response.writeHead(302, { location: "http://127.0.0.1:9/" }).end();
      if (kind === "drips") response.writeHead(200, { "content-type": "application/json" }).write("{");
      if (kind === "floods") {
        response.writeHead(200, { "content-type": "application/json" });
        const more = () => {
          while (response.write(" ".repeat(65_536))) {}
        };
        response.on("drain", more);
        more();
      }
    });
    server.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const settings = { kind: "oidc", id: "x", name: "X", client_id: "x", client_secret: "x" } as const;
    // As if its time were over, a moment after it was asked.
    const hurried: typeof fetch = (url, init) =>
      fetch(url, {
        ...init,
        signal: AbortSignal.any([AbortSignal.timeout(200), ...(init?.signal ? [init.signal] : [])]),
      });
    const tools = {
      fetch: kind === "says nothing" || kind === "drips" ? hurried : fetch,
      clock: () => new Date(),
      publicUrl,
      log: { warn: () => {} },
    };
    if (kind === "is away") server.close();
    const provider = createOidcProvider({ ...settings, issuer, scope: "openid" }, tools);
    expect(await codeOf(provider.begin(secrets))).toBe("IDENTITY_PROVIDER_UNAVAILABLE");
    server.closeAllConnections();
    server.close();
  },
);
