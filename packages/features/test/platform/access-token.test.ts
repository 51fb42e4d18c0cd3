import { createHash, createHmac, generateKeyPairSync } from "node:crypto";
import { accessTokenSettings, authenticate, issueAccessToken } from "@obsqra/platform";
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";
import { expect, it } from "vitest";
import { codeOf, createTestApi, createTestClock, type TestApi } from "../../src/testing/index.ts";

const secret = "a key that only tests use, 32 bytes or more";
const previousSecret = "the previous key, which has 32 bytes, too";
const session = {
  user_id: "019bc186-de00-7000-8000-000000000001",
  session_id: "019bc186-de00-7000-8000-000000000002",
  token_id: "019bc186-de00-7000-8000-000000000003",
};

/** Checks tokens at a time of its own, without a database, as every server does first. */
function createChecker(secrets: readonly [string, ...string[]] = [secret], lifetimeMinutes = 30) {
  const clock = createTestClock();
  const deps = { accessTokens: accessTokenSettings(secrets, lifetimeMinutes), clock };
  return {
    clock,
    deps,
    issue: () => issueAccessToken(deps, session),
    /** The code of the refusal, or whose session it is. */
    check: (token: string) =>
      authenticate(deps, token).then(
        ({ session_id }) => session_id,
        (error: { code: string }) => error.code,
      ),
  };
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

function decode(token: string): { header: JWTHeaderParameters; claims: JWTPayload } {
  const [header = "", claims = ""] = token.split(".");
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  return { header: read(header), claims: read(claims) };
}

/** Signs with the server's own secret, so that nothing but the given header and claims can be wrong. */
function sign(header: object, claims: object, hash = "sha256"): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createHmac(hash, secret).update(input).digest("base64url")}`;
}

it("takes its own token, again and again", async () => {
  const { issue, check } = createChecker();
  const token = await issue();
  expect(await check(token)).toBe(session.session_id);
  expect(await check(token)).toBe(session.session_id);
});

it("takes a token that was put together by hand as RFC 9068 describes it", async () => {
  const { issue, check } = createChecker();
  const { header, claims } = decode(await issue());
  expect(await check(sign(header, claims))).toBe(session.session_id);
});

it("refuses alg: none, in any spelling, with and without a signature", async () => {
  const { issue, check } = createChecker();
  const { header, claims } = decode(await issue());
  for (const alg of ["none", "None", "NONE", "nOnE", ""]) {
    const signed = sign({ ...header, alg }, claims);
    expect([alg, await check(signed)]).toEqual([alg, "TOKEN_INVALID"]);
    expect([alg, await check(`${signed.slice(0, signed.lastIndexOf("."))}.`)]).toEqual([
      alg,
      "TOKEN_INVALID",
    ]);
  }
});

it("refuses HS512 and HS384, although signed with the same secret", async () => {
  const { issue, check } = createChecker();
  const { header, claims } = decode(await issue());
  expect(await check(sign({ ...header, alg: "HS512" }, claims, "sha512"))).toBe("TOKEN_INVALID");
  expect(await check(sign({ ...header, alg: "HS384" }, claims, "sha384"))).toBe("TOKEN_INVALID");
});

it("refuses RS256 and a key that the token brings along", async () => {
  const { issue, check } = createChecker();
  const { header, claims } = decode(await issue());
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = publicKey.export({ format: "jwk" });
  for (const extra of [
    {},
    { jwk },
    { jku: "https://example.org/keys" },
    { x5u: "https://example.org/key" },
  ]) {
    const token = await new SignJWT(claims)
      .setProtectedHeader({ ...header, ...extra, alg: "RS256" } as JWTHeaderParameters)
      .sign(privateKey);
    expect(await check(token)).toBe("TOKEN_INVALID");
  }
  // The classic confusion: a public key taken for the secret of an HMAC.
  const pem = publicKey.export({ format: "pem", type: "spki" });
  const input = `${encode(header)}.${encode(claims)}`;
  expect(await check(`${input}.${createHmac("sha256", pem).update(input).digest("base64url")}`)).toBe(
    "TOKEN_INVALID",
  );
});

it.each([
  ["JWT", { typ: "JWT" }],
  ["of an ID token", { typ: "id+jwt" }],
  ["that is missing", { typ: undefined }],
])("refuses a typ %s", async (_name, change) => {
  const { issue, check } = createChecker();
  const { header, claims } = decode(await issue());
  expect(await check(sign({ ...header, ...change }, claims))).toBe("TOKEN_INVALID");
});

it.each([
  ["another aud", { aud: "another-api" }],
  ["no aud", { aud: undefined }],
  ["an empty list of aud", { aud: [] }],
  ["another iss", { iss: "https://example.org" }],
  ["no iss", { iss: undefined }],
  ["no sub", { sub: undefined }],
  ["no sid", { sid: undefined }],
  ["no jti", { jti: undefined }],
  ["no iat", { iat: undefined }],
  ["no exp", { exp: undefined }],
  ["an exp that is not a number", { exp: "tomorrow" }],
  ["an nbf in the future", { nbf: 4_000_000_000 }],
])("refuses a token with %s", async (_name, change) => {
  const { issue, check } = createChecker();
  const { header, claims } = decode(await issue());
  expect(await check(sign(header, { ...claims, ...change }))).toBe("TOKEN_INVALID");
});

it("refuses a sub or sid that is none of our ids, so that it never reaches the database", async () => {
  await using api = await createTestApi();
  const { header, claims } = decode(await signUp(api));
  for (const value of ["ada", 7, `${claims.sub}'--`, "\0", "", { id: claims.sub }, null]) {
    for (const claim of ["sub", "sid"]) {
      const token = sign(header, { ...claims, [claim]: value });
      expect([claim, value, await codeOf(api.caller(token).auth.me())]).toEqual([
        claim,
        value,
        "TOKEN_INVALID",
      ]);
    }
  }
  expect(api.logged).toEqual([]);
});

it.each([
  ["unknown", { kid: "0123456789abcdef" }],
  ["missing", { kid: undefined }],
  ["empty", { kid: "" }],
  ["a path", { kid: "../../dev/null" }],
])("refuses a kid that is %s", async (_name, change) => {
  const { issue, check } = createChecker();
  const { header, claims } = decode(await issue());
  expect(await check(sign({ ...header, ...change }, claims))).toBe("TOKEN_INVALID");
});

it("refuses a header that asks for an extension with crit", async () => {
  const { issue, check } = createChecker();
  const { header, claims } = decode(await issue());
  const critical = { ...header, crit: ["urn:example:unknown"], "urn:example:unknown": true };
  expect(await check(sign(critical, claims))).toBe("TOKEN_INVALID");
  expect(await check(sign({ ...header, crit: ["b64"], b64: false }, claims))).toBe("TOKEN_INVALID");
  expect(await check(sign({ ...header, crit: [] }, claims))).toBe("TOKEN_INVALID");
});

it("refuses every change of a single character", async () => {
  const { issue, check } = createChecker();
  const token = await issue();
  expect(await check(token)).toBe(session.session_id);
  // The last character is left out: two bits of it are not a part of the signature.
  for (let at = 0; at < token.length - 1; at++) {
    const changed = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
    expect([at, await check(changed)]).toEqual([at, "TOKEN_INVALID"]);
  }
});

it("refuses a text that is not a token", async () => {
  const { check } = createChecker();
  for (const token of ["", ".", "..", "a.b.c", "a.b.c.d", "{}", "\0", "é.é.é", "x".repeat(100_000)]) {
    expect(await check(token)).toBe("TOKEN_INVALID");
  }
});

it("bears with clocks that are up to 30 seconds apart, and with no more", async () => {
  const { clock, issue, check } = createChecker();
  clock.advance(30_000);
  const ofClockAhead = await issue();
  clock.advance(1000);
  const tooFarAhead = await issue();
  clock.advance(-31_000);
  expect(await check(ofClockAhead)).toBe(session.session_id);
  expect(await check(tooFarAhead)).toBe("TOKEN_INVALID");
});

it("says that a token has expired 30 seconds after it has", async () => {
  const { clock, issue, check } = createChecker();
  const token = await issue();
  clock.advance((1800 + 29) * 1000);
  expect(await check(token)).toBe(session.session_id);
  clock.advance(1000);
  expect(await check(token)).toBe("TOKEN_EXPIRED");
});

it("says of no forged token that it has expired", async () => {
  const { clock, issue, check } = createChecker();
  const { header, claims } = decode(await issue());
  const forged = `${encode(header)}.${encode(claims)}.${Buffer.alloc(32).toString("base64url")}`;
  const ofAnotherApi = sign(header, { ...claims, aud: "another-api" });
  clock.advance(3_600_000);
  expect(await check(forged)).toBe("TOKEN_INVALID");
  expect(await check(ofAnotherApi)).toBe("TOKEN_INVALID");
});

it("lets a shorter lifetime take effect on tokens that are out already", async () => {
  const before = createChecker([secret], 1440);
  const after = createChecker([secret], 5);
  const token = await before.issue();
  expect(await after.check(token)).toBe(session.session_id);
  before.clock.advance(6 * 60_000);
  after.clock.advance(6 * 60_000);
  expect(await before.check(token)).toBe(session.session_id);
  expect(await after.check(token)).toBe("TOKEN_EXPIRED");
});

it("rotates keys: the new one signs, what the old one signed is good until it is taken out", async () => {
  const before = createChecker([previousSecret]);
  const rotated = createChecker([secret, previousSecret]);
  const after = createChecker([secret]);
  const [oldToken, newToken] = [await before.issue(), await rotated.issue()];
  expect(decode(oldToken).header.kid).not.toBe(decode(newToken).header.kid);
  expect([await rotated.check(oldToken), await rotated.check(newToken)]).toEqual(
    Array(2).fill(session.session_id),
  );
  expect([await after.check(oldToken), await after.check(newToken)]).toEqual([
    "TOKEN_INVALID",
    session.session_id,
  ]);
  expect(await before.check(newToken)).toBe("TOKEN_INVALID");
});

it("tells nothing about the secret by the kid", async () => {
  const { issue } = createChecker();
  const { header } = decode(await issue());
  expect(header.kid).toMatch(/^[0-9a-f]{16}$/);
  expect(createHash("sha256").update(secret).digest("hex")).not.toContain(header.kid);
});

it("remembers at most 10,000 tokens, and no refused one", async () => {
  const { deps, check } = createChecker();
  const { checked } = deps.accessTokens;
  await check("nonsense");
  expect(checked.size).toBe(0);
  for (let i = 0; i < 10_050; i++) {
    await check(await issueAccessToken(deps, { ...session, token_id: `${i}` }));
  }
  expect(checked.size).toBe(10_000);
});

async function signUp(api: TestApi): Promise<string> {
  const email = `${api.deps.createId()}@example.org`;
  const input = { email, password: "correct horse battery", full_name: "Ada" };
  return (await api.caller().auth.register(input)).access_token;
}

it("refuses the token of a session of another user", async () => {
  await using api = await createTestApi();
  const ada = decode(await signUp(api));
  const bob = decode(await signUp(api));
  const token = sign(ada.header, { ...ada.claims, sid: bob.claims.sid });
  expect(await codeOf(api.caller(token).auth.me())).toBe("TOKEN_INVALID");
});

it("refuses the token of a session that is over, although the token was good a moment ago", async () => {
  await using api = await createTestApi();
  const caller = api.caller(await signUp(api));
  expect(await codeOf(caller.auth.me())).toBeUndefined();
  await api.deps.db.updateTable("auth_sessions").set({ revoked_at: api.clock() }).execute();
  expect(await codeOf(caller.auth.me())).toBe("TOKEN_INVALID");
});

it("refuses the token of a session that has lasted for sixty days, however fresh the token is", async () => {
  await using api = await createTestApi();
  const { header, claims } = decode(await signUp(api));
  api.clock.advance(60 * 86_400_000);
  const now = Math.floor(api.clock().getTime() / 1000);
  const token = sign(header, { ...claims, iat: now, exp: now + 1800 });
  expect(await codeOf(api.caller(token).auth.me())).toBe("TOKEN_INVALID");
});

it("refuses the token of an erased user, even if a session of theirs was left", async () => {
  await using api = await createTestApi();
  const caller = api.caller(await signUp(api));
  await api.deps.db.updateTable("users").set({ erased_at: api.clock() }).execute();
  expect(await codeOf(caller.auth.me())).toBe("TOKEN_INVALID");
});

it("notes when a session was last used, to the minute", async () => {
  await using api = await createTestApi();
  const caller = api.caller(await signUp(api));
  const lastUsed = async () =>
    (await api.deps.db.selectFrom("auth_sessions").select("last_used_at").executeTakeFirstOrThrow())
      .last_used_at;
  const start = api.clock();
  api.clock.advance(60_000);
  await caller.auth.me();
  expect(await lastUsed()).toEqual(start);
  api.clock.advance(1);
  await caller.auth.me();
  expect(await lastUsed()).toEqual(api.clock());
});
