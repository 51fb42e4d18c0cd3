import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { type AdapterFactory, type AdapterPayload, Provider } from "oidc-provider";

/** Somebody with an account at the provider. */
export interface ProviderAccount {
  readonly email?: string;
  readonly email_verified?: boolean | string;
  readonly name?: string;
}

/** A provider of OpenID Connect in this process, whose pages answer by themselves as whoever is signed in. */
export interface RunningProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly settings: {
    readonly kind: "oidc";
    readonly id: string;
    readonly name: string;
    readonly issuer: string;
    readonly client_id: string;
    readonly client_secret: string;
    readonly scope: string;
  };
  /** What it was asked, oldest first: method and path. */
  readonly requests: string[];
  /** Signs in there, by the subject; from then on pages answer as that. */
  signIn(subject: string): void;
  /** Goes through its pages as a browser does, from the address that it is sent to. @returns where it is sent back */
  visit(authorizationUrl: string): Promise<URL>;
  /** Signs out there: it tells all that it has signed in to. */
  signOut(): Promise<void>;
}

/** What a test may choose. */
export interface ProviderOptions {
  /** By their subjects. */
  readonly accounts: Readonly<Record<string, ProviderAccount>>;
  readonly redirectUri: string;
  /** @default none is told */
  readonly backChannelLogoutUri?: string;
  /** @default a port of the system's choosing */
  readonly port?: number;
  /** @default a new one */
  readonly keys?: readonly JWK[];
}

const client = { client_id: "obsqra", client_secret: "a secret of this test, 32 bytes or so" };

/** Makes a key that a provider signs with. */
export async function createSigningKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: "RS256", use: "sig" };
}

/** Starts a provider; use with `await using`. */
export async function startOidcProvider(options: ProviderOptions): Promise<RunningProvider> {
  const { accounts, redirectUri, backChannelLogoutUri, port = 0 } = options;
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keys = [...(options.keys ?? [await createSigningKey("first")])];
  let current = Object.keys(accounts)[0] ?? "";
  const provider = new Provider(issuer, {
    adapter: createMemory(),
    // Its own refuses addresses that are not public, which those of tests are.
    fetch: (url, { dispatcher: _, ...init }: RequestInit & { dispatcher?: unknown } = {}) => fetch(url, init),
    clients: [
      {
        ...client,
        redirect_uris: [redirectUri],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        ...(backChannelLogoutUri && {
          backchannel_logout_uri: backChannelLogoutUri,
          backchannel_logout_session_required: true,
        }),
      },
    ],
    jwks: { keys },
    claims: { email: ["email", "email_verified"], profile: ["name"], openid: ["sub"] },
    // Seconds; it warns of its own.
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      Grant: 3600,
      IdToken: 3600,
      Interaction: 600,
      Session: 3600,
    },
    cookies: { keys: ["of this test"] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        // Its page asks whether to sign out: the form is sent as it is.
        logoutSource: (ctx, form) => {
          ctx.body = form;
        },
      },
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, sub) => {
      const account = accounts[sub];
      return account && { accountId: sub, claims: async () => ({ sub, ...account }) };
    },
  });
  const requests: string[] = [];
  const callback = provider.callback();
  server.on("request", (request, response) => {
    requests.push(`${request.method} ${request.url?.split("?")[0]}`);
    if (request.url?.startsWith("/interaction/")) void answer(request, response);
    else void callback(request, response);
  });

  type Request = Parameters<typeof callback>[0];
  type Response = Parameters<typeof callback>[1];
  async function answer(request: Request, response: Response): Promise<void> {
    const { prompt, params } = await provider.interactionDetails(request, response);
    if (prompt.name === "login") {
      const result = { login: { accountId: current } };
      return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    }
    const grant = new provider.Grant({ accountId: current, clientId: String(params.client_id) });
    grant.addOIDCScope("openid email profile");
    const result = { consent: { grantId: await grant.save() } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  }

  const cookies = new Map<string, string>();
  async function ask(url: URL, init: RequestInit = {}): Promise<globalThis.Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, headers: { ...init.headers, cookie }, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }

  return {
    issuer,
    settings: {
      kind: "oidc",
      id: "company",
      name: "Company",
      issuer,
      ...client,
      scope: "openid email profile",
    },
    requests,
    signIn: (subject) => {
      if (subject !== current) cookies.clear();
      current = subject;
    },
    visit: async (authorizationUrl) => {
      let url = new URL(authorizationUrl);
      for (let steps = 0; steps < 10; steps += 1) {
        const response = await ask(url);
        const location = response.headers.get("location");
        if (location === null) throw new Error(`The provider shows: ${await response.text()}`);
        url = new URL(location, url);
        if (url.origin !== issuer) return url;
      }
      throw new Error("The provider sends its users in circles.");
    },
    signOut: async () => {
      const page = await (await ask(new URL("/session/end", issuer))).text();
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
      const body = new URLSearchParams({ xsrf, logout: "yes" });
      await ask(new URL("/session/end/confirm", issuer), { method: "POST", body });
      cookies.clear();
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the provider remembers: its own memory warns of itself. */
function createMemory(): AdapterFactory {
  const payloads = new Map<string, AdapterPayload>();
  const findBy = (matches: (payload: AdapterPayload) => boolean) => [...payloads.values()].find(matches);
  return (model) => {
    const keyOf = (id: string) => `${model} ${id}`;
    return {
      upsert: async (id, payload) => void payloads.set(keyOf(id), payload),
      find: async (id) => payloads.get(keyOf(id)),
      findByUid: async (uid) => findBy((payload) => payload.kind === model && payload.uid === uid),
      findByUserCode: async (code) => findBy((payload) => payload.userCode === code),
      consume: async (id) => {
        const payload = payloads.get(keyOf(id));
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => void payloads.delete(keyOf(id)),
      revokeByGrantId: async (grantId) => {
        for (const [key, payload] of payloads) if (payload.grantId === grantId) payloads.delete(key);
      },
    };
  };
}
