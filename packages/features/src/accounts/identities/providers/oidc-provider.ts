import { AppError } from "@obsqra/platform";
import * as client from "openid-client";
import { z } from "zod";
import {
  authorizationParameters,
  configure,
  exchangeCode,
  fetchOfProvider,
  refusalOf,
  unavailableFor,
} from "./ask-provider.ts";
import type { IdentityProvider, ProvenIdentity, ProviderTools } from "./identity-provider.ts";
import { createLogoutReader } from "./logout-token.ts";
import type { OidcSettings } from "./provider-settings.ts";
import { emailOf, nameOf } from "./read-claims.ts";

/** How long the provider's own description is used, in which its addresses are; its keys are asked for each time. */
const metadataLifetimeMs = 60 * 60_000;

const profile = z.object({
  email: z.unknown().optional(),
  // Some write it as text.
  email_verified: z.unknown().optional(),
  name: z.unknown().optional(),
});
type Profile = z.output<typeof profile>;

/** Makes a provider of OpenID Connect, such as Google or what a company has. */
export function createOidcProvider(settings: OidcSettings, tools: ProviderTools): IdentityProvider {
  const { id, name, issuer } = settings;
  const findServer = keepFor(metadataLifetimeMs, tools.clock, async () => {
    try {
      return await discover(settings, tools);
    } catch (error) {
      throw unavailableFor(tools, id, error);
    }
  });
  const readLogoutToken = createLogoutReader(settings, tools);
  const named = async <TResult>(work: () => Promise<TResult>): Promise<TResult> => {
    try {
      return await work();
    } catch (error) {
      throw refusalOf(tools, id, error);
    }
  };
  return {
    id,
    name,
    issuer,
    begin: (secrets) =>
      named(async () => {
        const config = configure(tools, settings, await findServer());
        const parameters = await authorizationParameters(tools, id, secrets);
        const { scope } = settings;
        return client.buildAuthorizationUrl(config, { ...parameters, scope, nonce: secrets.nonce }).href;
      }),
    prove: (answer, { state, nonce, codeVerifier }) =>
      named(async () => {
        const config = configure(tools, settings, await findServer());
        // Checked although the token comes over TLS: by that, nobody on the way has to be trusted.
        client.enableNonRepudiationChecks(config);
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier };
        const tokens = await exchangeCode(tools, { id, config }, { answer, checks });
        const claims = tokens.claims();
        // One issuer that speaks for many, each with users of its own, would be another one's.
        if (claims === undefined || claims.iss !== config.serverMetadata().issuer) throw rejected();
        return toIdentity(claims, await readProfile(config, tokens.access_token, claims));
      }),
    readLogout: (token) => named(async () => readLogoutToken(await findServer(), token)),
  };
}

function rejected(): AppError<"IDENTITY_REJECTED"> {
  return new AppError("IDENTITY_REJECTED", { provider_error: null });
}

async function discover({ issuer, client_id }: OidcSettings, tools: ProviderTools) {
  const config = await client.discovery(new URL(issuer), client_id, undefined, undefined, {
    [client.customFetch]: fetchOfProvider(tools),
    execute: issuer.startsWith("http:") ? [client.allowInsecureRequests] : [],
  });
  return config.serverMetadata();
}

/** The claims of the ID token, or what the provider tells of who has it, where the address is only there. */
async function readProfile(
  config: client.Configuration,
  accessToken: string,
  claims: client.IDToken,
): Promise<Profile> {
  const hasMore = config.serverMetadata().userinfo_endpoint !== undefined;
  if (claims.email !== undefined || !hasMore) return profile.parse(claims);
  return profile.parse(await client.fetchUserInfo(config, accessToken, claims.sub));
}

function toIdentity({ sub, sid }: client.IDToken, { email, email_verified, name }: Profile): ProvenIdentity {
  const isVerified = email_verified === true || email_verified === "true";
  const address = isVerified ? emailOf(email) : undefined;
  return {
    subject: sub,
    emails: address === undefined ? [] : [address],
    name: nameOf(name),
    session: typeof sid === "string" ? sid : undefined,
  };
}

/** Does something once for all who need it meanwhile, and again after a time, or when it has failed. */
function keepFor<TResult>(
  lifetimeMs: number,
  clock: () => Date,
  work: () => Promise<TResult>,
): () => Promise<TResult> {
  let kept: { readonly result: Promise<TResult>; readonly at: number } | undefined;
  return () => {
    const now = clock().getTime();
    if (kept !== undefined && Math.abs(now - kept.at) < lifetimeMs) return kept.result;
    const mine = { result: work(), at: now };
    kept = mine;
    mine.result.catch(() => {
      if (kept === mine) kept = undefined;
    });
    return mine.result;
  };
}
