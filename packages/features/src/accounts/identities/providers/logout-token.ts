import { AppError } from "@obsqra/platform";
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose";
import type { ServerMetadata } from "openid-client";
import { z } from "zod";
import { clockToleranceSeconds, fetchOfProvider } from "./ask-provider.ts";
import type { EndedAtProvider, ProviderTools } from "./identity-provider.ts";
import type { OidcSettings } from "./provider-settings.ts";

/** Signed by a key that only the provider has: none that is shared, and none at all, do. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** A token is sent as soon as it is made. */
const ageSecondsMax = 5 * 60;

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";

/** What makes a token one that ends sessions (OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6): an ID token is none. */
const logoutClaims = z
  .object({
    iat: z.int(),
    jti: z.string().min(1),
    sub: z.string().min(1).optional(),
    sid: z.string().min(1).optional(),
    events: z.object({ [logoutEvent]: z.looseObject({}) }),
    nonce: z.undefined().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined);

/**
 * Makes what reads logout tokens of a provider. Anybody may send one, so its keys are asked for at most every 30 seconds, and only for a key
 * that is not known.
 */
export function createLogoutReader(
  { client_id }: OidcSettings,
  tools: ProviderTools,
): (server: ServerMetadata, token: string) => Promise<EndedAtProvider> {
  const fetch = fetchOfProvider(tools);
  let keys: { readonly of: string; readonly set: ReturnType<typeof createRemoteJWKSet> } | undefined;
  return async ({ issuer, jwks_uri = "" }, token) => {
    if (keys?.of !== jwks_uri) {
      const set = createRemoteJWKSet(new URL(jwks_uri), {
        // It asks with GET and without a body.
        [customFetch]: (url, { headers, signal }) =>
          fetch(url, {
            ...{ method: "GET", redirect: "manual", body: undefined, signal },
            headers: Object.fromEntries(headers),
          }),
      });
      keys = { of: jwks_uri, set };
    }
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys.set, {
        ...{ issuer, audience: client_id, algorithms },
        ...{ clockTolerance: clockToleranceSeconds, currentDate: tools.clock(), maxTokenAge: ageSecondsMax },
      });
      return readClaims(payload, protectedHeader.typ);
    } catch (error) {
      // What went wrong while keys were asked for is the provider's.
      if (!(error instanceof errors.JOSEError) && !(error instanceof z.ZodError)) throw error;
      throw new AppError("IDENTITY_REJECTED", { provider_error: null }, { cause: error });
    }
  };
}

/** A type that is named has to be the right one; many providers name none. */
function readClaims(payload: JWTPayload, type: string | undefined): EndedAtProvider {
  if (type !== undefined && !/^(application\/)?(logout\+)?jwt$/i.test(type)) {
    throw new errors.JWTInvalid("Another type of token.");
  }
  const { sub, sid, iat } = logoutClaims.parse(payload);
  return { subject: sub, session: sid, at: new Date(iat * 1000) };
}
