import { createHash, createSecretKey, type KeyObject } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { AppError } from "../app-error.ts";
import type { SessionPrincipal } from "../principal.ts";

/** A secret that signs tokens. */
interface AccessTokenKey {
  /** Names the secret in the token's header, so that it can be rotated. */
  readonly keyId: string;
  /** Of at least 32 bytes. */
  readonly secret: KeyObject;
}

/** How access tokens are made and checked. */
export interface AccessTokenSettings {
  /** The first signs; tokens of the others, from before a rotation, are still good. */
  readonly keys: readonly [AccessTokenKey, ...AccessTokenKey[]];
  readonly lifetimeSeconds: number;
}

interface AccessTokenDependencies {
  readonly accessTokens: AccessTokenSettings;
  readonly clock: () => Date;
}

const algorithm = "HS256";
const tokenType = "at+jwt";
const issuer = "obsqra";
const audience = "obsqra-api";

/** Derives the settings from the configured secrets, the current one first. */
export function accessTokenSettings(
  [current, ...previous]: readonly [string, ...string[]],
  lifetimeMinutes: number,
): AccessTokenSettings {
  return { keys: [toKey(current), ...previous.map(toKey)], lifetimeSeconds: lifetimeMinutes * 60 };
}

function toKey(secretKey: string): AccessTokenKey {
  const secret = new TextEncoder().encode(secretKey);
  const keyId = createHash("sha256")
    .update("obsqra access token key")
    .update(secret)
    .digest("hex")
    .slice(0, 16);
  return { keyId, secret: createSecretKey(secret) };
}

/** Makes a JWT access token (RFC 9068) for a session. */
export async function issueAccessToken(
  { accessTokens, clock }: AccessTokenDependencies,
  session: SessionPrincipal & { readonly token_id: string },
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
 * Checks an access token without asking the database.
 *
 * @throws AppError TOKEN_EXPIRED when it was good once, TOKEN_INVALID for everything else
 */
export async function authenticate(
  { accessTokens, clock }: AccessTokenDependencies,
  token: string,
): Promise<SessionPrincipal> {
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => findSecret(accessTokens, kid), {
      // Pinned, so that a token cannot choose how it is checked (RFC 8725).
      algorithms: [algorithm],
      typ: tokenType,
      issuer,
      audience,
      requiredClaims: ["sub", "sid", "jti", "iat", "exp"],
      currentDate: clock(),
    });
    const { sub, sid } = payload;
    if (typeof sub !== "string" || typeof sid !== "string") {
      throw new AppError("TOKEN_INVALID", undefined);
    }
    return { user_id: sub, session_id: sid };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    if (cause instanceof errors.JWTExpired) throw new AppError("TOKEN_EXPIRED", undefined, { cause });
    throw new AppError("TOKEN_INVALID", undefined, { cause });
  }
}

function findSecret({ keys }: AccessTokenSettings, keyId: string | undefined): KeyObject {
  const key = keys.find((candidate) => candidate.keyId === keyId);
  if (key === undefined) throw new AppError("TOKEN_INVALID", undefined);
  return key.secret;
}
