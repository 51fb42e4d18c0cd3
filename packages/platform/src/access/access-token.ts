import { createHash, createSecretKey, type webcrypto } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { AppError } from "../errors/app-error.ts";
import { hashToken } from "./hash-token.ts";

/** A secret that signs tokens. */
interface AccessTokenKey {
  /** Names the secret in the token's header, so that it can be rotated. */
  readonly keyId: string;
  /** Prepared once: jose takes half as long again to turn any other form into this one at each check. */
  readonly secret: webcrypto.CryptoKey;
}

/** Whose session a token is for, as it says itself. */
export interface ClaimedSession {
  readonly user_id: string;
  readonly session_id: string;
}

/** A token that was found good. */
interface CheckedToken {
  readonly claims: ClaimedSession;
  /** Before, the clock was set back, and how old the token is cannot be told. */
  readonly goodFromMs: number;
  readonly goodUntilMs: number;
}

/** How access tokens are made and checked. */
export interface AccessTokenSettings {
  /** The first signs; tokens of the others, from before a rotation, are still good. */
  readonly keys: readonly [AccessTokenKey, ...AccessTokenKey[]];
  /** Older tokens are refused, whatever they say themselves, so that lowering it takes effect at once. */
  readonly lifetimeSeconds: number;
  /** The latest tokens that were found good, by their hash. */
  readonly checked: Map<string, CheckedToken>;
}

interface AccessTokenDependencies {
  readonly accessTokens: AccessTokenSettings;
  readonly clock: () => Date;
}

const algorithm = "HS256";
const tokenType = "at+jwt";
const issuer = "obsqra";
const audience = "obsqra-api";

/** How far the clocks of two servers may be apart. A token is good for this much longer than it says. */
const clockSkewSeconds = 30;

/** About 4 MB of memory. */
const checkedTokensMax = 10_000;

/** Of our own ids, so that nothing else gets as far as the database. */
const subject = z.object({ sub: z.uuid(), sid: z.uuid() });

/** Derives the settings from the configured secrets, the current one first. */
export function accessTokenSettings(
  [current, ...previous]: readonly [string, ...string[]],
  lifetimeMinutes: number,
): AccessTokenSettings {
  const keys = [toKey(current), ...previous.map(toKey)] as const;
  return { keys, lifetimeSeconds: lifetimeMinutes * 60, checked: new Map() };
}

function toKey(secretKey: string): AccessTokenKey {
  const bytes = new TextEncoder().encode(secretKey);
  const keyId = createHash("sha256")
    .update("obsqra access token key")
    .update(bytes)
    .digest("hex")
    .slice(0, 16);
  const hmac = { name: "HMAC", hash: "SHA-256" };
  return { keyId, secret: createSecretKey(bytes).toCryptoKey(hmac, false, ["sign", "verify"]) };
}

/** Makes a JWT access token (RFC 9068) for a session. */
export async function issueAccessToken(
  { accessTokens, clock }: AccessTokenDependencies,
  session: ClaimedSession & { readonly token_id: string },
): Promise<string> {
  const [{ keyId, secret }] = accessTokens.keys;
  const issuedAt = Math.floor(clock().getTime() / 1000);
  return new SignJWT({ sid: session.session_id })
    .setProtectedHeader({ alg: algorithm, typ: tokenType, kid: keyId })
    .setSubject(session.user_id)
    .setJti(session.token_id)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + accessTokens.lifetimeSeconds)
    .sign(secret);
}

/**
 * Checks an access token without asking the database. A token that was found good is not checked again before it runs
 * out, which spares the way to WebCrypto's thread and back (`pnpm bench accounts` times both).
 *
 * @throws AppError TOKEN_EXPIRED when it was good once, TOKEN_INVALID for everything else
 */
export async function authenticate(
  { accessTokens, clock }: AccessTokenDependencies,
  token: string,
): Promise<ClaimedSession> {
  const now = clock();
  // By hash, so that looking one up tells nothing about another by how long it takes.
  const hash = Buffer.from(hashToken(token)).toString("base64");
  const known = accessTokens.checked.get(hash);
  const isGood =
    known !== undefined && now.getTime() >= known.goodFromMs && now.getTime() < known.goodUntilMs;
  if (isGood) return known.claims;
  const checked = await checkToken(accessTokens, token, now);
  rememberToken(accessTokens.checked, hash, checked);
  return checked.claims;
}

/**
 * Until when a token lets its owner in that `authenticate` has just found good.
 *
 * @returns undefined when too many others were checked since
 */
export function goodUntil({ checked }: AccessTokenSettings, token: string): Date | undefined {
  const known = checked.get(Buffer.from(hashToken(token)).toString("base64"));
  return known && new Date(known.goodUntilMs);
}

async function checkToken(settings: AccessTokenSettings, token: string, now: Date): Promise<CheckedToken> {
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => findSecret(settings, kid), {
      // Pinned, so that a token cannot choose how it is checked (RFC 8725).
      algorithms: [algorithm],
      typ: tokenType,
      issuer,
      audience,
      requiredClaims: ["sub", "sid", "jti", "iat", "exp"],
      maxTokenAge: settings.lifetimeSeconds,
      clockTolerance: clockSkewSeconds,
      currentDate: now,
    });
    const { sub, sid } = subject.parse(payload);
    const { iat = 0, exp = 0 } = payload;
    const goodUntil = Math.min(exp, iat + settings.lifetimeSeconds) + clockSkewSeconds;
    const goodFromMs = (iat - clockSkewSeconds) * 1000;
    return { claims: { user_id: sub, session_id: sid }, goodFromMs, goodUntilMs: goodUntil * 1000 };
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) throw new AppError("TOKEN_EXPIRED", undefined, { cause });
    throw new AppError("TOKEN_INVALID", undefined, { cause });
  }
}

function findSecret({ keys }: AccessTokenSettings, keyId: string | undefined): webcrypto.CryptoKey {
  const key = keys.find((candidate) => candidate.keyId === keyId);
  if (key === undefined) throw new AppError("TOKEN_INVALID", undefined);
  return key.secret;
}

function rememberToken(checked: AccessTokenSettings["checked"], hash: string, token: CheckedToken): void {
  checked.set(hash, token);
  // A map keeps the order in which its keys came, so the first is the oldest.
  const [oldest] = checked.keys();
  if (checked.size > checkedTokensMax && oldest !== undefined) checked.delete(oldest);
}
