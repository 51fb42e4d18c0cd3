import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import { tokens } from "./auth.schema.ts";
import {
  beginIdentityInput,
  identities,
  identity,
  identityAttempt,
  identityProviders,
  linkIdentityInput,
  listIdentitiesInput,
  loginWithIdentityInput,
  unlinkIdentityInput,
} from "./identities.schema.ts";

/** What an answer of a provider may be refused for, whatever it is for. */
const answerErrors = [
  "IDENTITY_ATTEMPT_INVALID",
  "IDENTITY_REJECTED",
  "IDENTITY_EMAIL_UNVERIFIED",
  "IDENTITY_PROVIDER_UNAVAILABLE",
] as const;

export const identitiesEndpoints = {
  identity_providers: defineEndpoint({
    kind: "query",
    access: "public",
    rest: { method: "GET", path: "/auth/identity-providers", status: 200 },
    summary: "The providers by which people can sign in",
    description:
      "Such as Google, GitHub, or what a company has. None where the operator has configured none.",
    input: z.undefined(),
    output: identityProviders,
    isTool: false,
    errors: [],
  }),
  begin_identity_login: defineEndpoint({
    kind: "mutation",
    access: "public",
    weight: 10,
    rest: { method: "POST", path: "/auth/identity-logins", status: 201 },
    summary: "Begin to sign in by a provider",
    description:
      "Open authorization_url in a browser, which is sent back to /account/identity of the dashboard. It works once, for 10 minutes, for the same program.",
    input: beginIdentityInput,
    output: identityAttempt,
    errors: ["IDENTITY_PROVIDER_UNKNOWN", "IDENTITY_PROVIDER_UNAVAILABLE"],
  }),
  login_with_identity: defineEndpoint({
    kind: "mutation",
    access: "public",
    weight: 10,
    rest: { method: "POST", path: "/auth/login-with-identity", status: 200 },
    summary: "Sign in by what a provider has answered",
    description:
      "An identity that is linked to no account makes one, without a password, if nobody has its verified address here; otherwise it gets IDENTITY_LINK_NEEDED, since only the owner of the account can link it, signed in. Where the account has a second factor, SECOND_FACTOR_REQUIRED asks for that, too. An attempt is used up whether or not the answer holds.",
    input: loginWithIdentityInput,
    output: tokens,
    givesCredentials: true,
    errors: [...answerErrors, "IDENTITY_LINK_NEEDED", "SECOND_FACTOR_REQUIRED"],
  }),
  identities: defineEndpoint({
    kind: "query",
    access: "session",
    rest: { method: "GET", path: "/auth/identities", status: 200 },
    summary: "Your identities at providers",
    description: "Newest first, unless sort says otherwise.",
    input: listIdentitiesInput,
    output: identities,
    errors: ["CURSOR_INVALID"],
  }),
  begin_identity_link: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    weight: 10,
    rest: { method: "POST", path: "/auth/identity-links", status: 201 },
    summary: "Begin to link an identity at a provider",
    description:
      "Open authorization_url in a browser, which is sent back to /account/identity of the dashboard. It works once, for 10 minutes, for you and the same program.",
    input: beginIdentityInput,
    output: identityAttempt,
    errors: ["IDENTITY_PROVIDER_UNKNOWN", "IDENTITY_PROVIDER_UNAVAILABLE"],
  }),
  link_identity: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    weight: 10,
    rest: { method: "POST", path: "/auth/identities", status: 201 },
    summary: "Link an identity by what a provider has answered",
    description:
      "It signs in from then on. The provider has to have verified that the address of your account is yours. You are told by mail.",
    input: linkIdentityInput,
    output: identity,
    errors: [...answerErrors, "IDENTITY_EMAIL_DIFFERS", "IDENTITY_TAKEN", "IDENTITY_LIMIT_REACHED"],
  }),
  unlink_identity: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    weight: 5,
    rest: { method: "DELETE", path: "/auth/identities/:identity_id", status: 204 },
    summary: "Unlink an identity",
    description:
      "It signs nobody in from then on. Sessions that it has begun are not ended. You are told by mail. The last way to sign in stays.",
    input: unlinkIdentityInput,
    output: z.undefined(),
    errors: ["IDENTITY_NOT_FOUND", "LAST_WAY_IN"],
  }),
} as const;
