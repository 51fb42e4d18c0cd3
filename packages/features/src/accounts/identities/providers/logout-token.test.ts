import { AppError } from "@obsqra/platform";
import { importJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { beforeAll, expect, it } from "vitest";
import { createSigningKey } from "../../../testing/start-oidc-provider.ts";
import { createLogoutReader } from "./logout-token.ts";

const issuer = "https://company.example";
const server = { issuer, jwks_uri: `${issuer}/jwks` };
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";
const now = new Date("2026-01-15T12:00:00Z");
const iat = now.getTime() / 1000;
const good = {
  iss: issuer,
  aud: "obsqra",
  iat,
  jti: "1",
  sub: "ada",
  sid: "a",
  events: { [logoutEvent]: {} },
};

let first: JWK;
let second: JWK;

beforeAll(async () => {
  first = await createSigningKey("first");
  second = await createSigningKey("second");
});

const sign = async (
  claims: JWTPayload,
  { key = first, typ = "logout+jwt" }: { key?: JWK; typ?: string } = {},
) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", kid: String(key.kid), typ })
    .sign(await importJWK(key));

/** What reads tokens of a provider with these keys. */
function openReader(keys: readonly JWK[]) {
  const asked: string[] = [];
  const fetch = async (url: string | URL | Request) => {
    asked.push(String(url));
    return Response.json({ keys: keys.map(({ kty, n, e, kid, alg }) => ({ kty, n, e, kid, alg })) });
  };
  const settings = {
    kind: "oidc",
    ...{ id: "company", name: "Company", issuer, scope: "openid" },
    ...{ client_id: "obsqra", client_secret: "a secret" },
  } as const;
  const tools = { fetch, clock: () => now, publicUrl: "https://api.example.org", log: { warn: () => {} } };
  const read = createLogoutReader(settings, tools);
  return { read: (token: string) => read(server, token), asked };
}

it("reads which session is over, or whose all are, and asks for the keys once", async () => {
  const { read, asked } = openReader([first]);
  expect(await read(await sign(good))).toEqual({ subject: "ada", session: "a", at: now });
  const { sid: _, ...ofAll } = good;
  // Many providers name no type, or this one.
  expect(await read(await sign(ofAll, { typ: "JWT" }))).toEqual({
    subject: "ada",
    session: undefined,
    at: now,
  });
  expect(asked).toEqual([server.jwks_uri]);
});

it.each<[string, JWTPayload, { typ?: string }?]>([
  ["of another issuer", { ...good, iss: "https://evil.example" }],
  ["for another client", { ...good, aud: "another" }],
  ["that is old", { ...good, iat: iat - 600 }],
  ["from later", { ...good, iat: iat + 600 }],
  ["that is over", { ...good, exp: iat - 60 }],
  ["that names nobody", { ...good, sub: undefined, sid: undefined }],
  ["without an id", { ...good, jti: undefined }],
  ["of another event", { ...good, events: { "http://example.org/event": {} } }],
  ["that is an ID token", { ...good, events: undefined, nonce: "x" }],
  ["with a nonce", { ...good, nonce: "x" }],
  ["that says that it is an access token", good, { typ: "at+jwt" }],
])("refuses a token %s", async (_name, claims, header) => {
  const { read } = openReader([first]);
  await expect(read(await sign(claims, header))).rejects.toMatchObject({ code: "IDENTITY_REJECTED" });
});

it("refuses a token that the provider has not signed, or nobody has", async () => {
  const { read } = openReader([first]);
  const forged = await sign(good, { key: { ...second, kid: "first" } });
  const [, claims = ""] = forged.split(".");
  const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${claims}.`;
  const shared = await new SignJWT(good)
    .setProtectedHeader({ alg: "HS256", kid: "first" })
    .sign(Buffer.from(first.n ?? ""));
  for (const token of [forged, unsigned, shared, "nonsense", ""]) {
    const refused = read(token);
    await expect(refused).rejects.toBeInstanceOf(AppError);
    await expect(refused).rejects.toMatchObject({ code: "IDENTITY_REJECTED" });
  }
});

it("asks for keys that it does not know no more than every 30 seconds, whoever sends tokens", async () => {
  const { read, asked } = openReader([first]);
  await read(await sign(good));
  for (let sent = 0; sent < 5; sent += 1) {
    await expect(read(await sign(good, { key: second }))).rejects.toMatchObject({
      code: "IDENTITY_REJECTED",
    });
  }
  expect(asked).toHaveLength(1);
});
