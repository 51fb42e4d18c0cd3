import { createHash } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { AppError } from "../app-error.ts";

/** How access tokens are made and checked. */
export interface AccessTokenSettings {
  /** Secret of at least 32 bytes. */
  readonly secret: Uint8Array;
  /** Names the secret in the token's header, so that it can be rotated. */
  readonly keyId: string;
  readonly lifetimeSeconds: number;
}

/** Whose session a request belongs to. */
export interface Session {
  readonly user_id: string;
  readonly session_id: string;
}

interface AccessTokenDependencies {
  readonly accessTokens: AccessTokenSettings;
  readonly clock: () => Date;
}

const algorithm = "HS256";
const tokenType = "at+jwt";
const issuer = "obsqra";
const audience = "obsqra-api";

/** Derives the settings from the configured secret. */
export function accessTokenSettings(secretKey: string, lifetimeMinutes: number): AccessTokenSettings {
  const secret = new TextEncoder().encode(secretKey);
  const keyId = createHash("sha256")
    .update("obsqra access token key")
    .update(secret)
    .digest("hex")
    .slice(0, 16);
  return { secret, keyId, lifetimeSeconds: lifetimeMinutes * 60 };
}

/** Makes a JWT access token (RFC 9068) for a session. */
export async function issueAccessToken(
  { accessTokens, clock }: AccessTokenDependencies,
  session: Session & { readonly token_id: string },
): Promise<string> {
  const issuedAt = Math.floor(clock().getTime() / 1000);
  return new SignJWT({ sid: session.session_id })
    .setProtectedHeader({ alg: algorithm, typ: tokenType, kid: accessTokens.keyId })
    .setSubject(session.user_id)
    .setJti(session.token_id)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + accessTokens.lifetimeSeconds)
    .sign(accessTokens.secret);
}

/**
 * Checks an access token without asking the database.
 *
 * @throws AppError TOKEN_EXPIRED when it was good once, TOKEN_INVALID for everything else
 */
export async function authenticate(
  { accessTokens, clock }: AccessTokenDependencies,
  token: string,
): Promise<Session> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, accessTokens.secret, {
      // Pinned, so that a token cannot choose how it is checked (RFC 8725).
      algorithms: [algorithm],
      typ: tokenType,
      issuer,
      audience,
      requiredClaims: ["sub", "sid", "jti", "iat", "exp"],
      currentDate: clock(),
    });
    const { sub, sid } = payload;
    if (protectedHeader.kid !== accessTokens.keyId || typeof sub !== "string" || typeof sid !== "string") {
      throw new AppError("TOKEN_INVALID", undefined);
    }
    return { user_id: sub, session_id: sid };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    if (cause instanceof errors.JWTExpired) throw new AppError("TOKEN_EXPIRED", undefined, { cause });
    throw new AppError("TOKEN_INVALID", undefined, { cause });
  }
}
