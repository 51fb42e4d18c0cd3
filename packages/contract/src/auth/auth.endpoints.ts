import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import { agentsEndpoints } from "./agents.endpoints.ts";
import { apiKeysEndpoints } from "./api-keys.endpoints.ts";
import { loginInput, refreshInput, registerInput, tokens, user } from "./auth.schema.ts";
import { emailAddressesEndpoints } from "./email-addresses.endpoints.ts";
import { identitiesEndpoints } from "./identities.endpoints.ts";
import { passkeysEndpoints } from "./passkeys.endpoints.ts";
import { passwordsEndpoints } from "./passwords.endpoints.ts";
import { rememberedDevicesEndpoints } from "./remembered-devices.endpoints.ts";
import { secondFactorEndpoints } from "./second-factor.endpoints.ts";
import { sessionsEndpoints } from "./sessions.endpoints.ts";
import { walletsEndpoints } from "./wallets.endpoints.ts";

export const authEndpoints = {
  register: defineEndpoint({
    kind: "mutation",
    access: "public",
    weight: 10,
    rest: { method: "POST", path: "/auth/register", status: 201 },
    summary: "Create an account and sign in",
    description:
      "Sends a mail with the link that confirms the address. Registrations are also counted by address and hour, as the limit `registrations`.",
    input: registerInput,
    output: tokens,
    givesCredentials: true,
    errors: ["EMAIL_TAKEN", "PASSWORD_REJECTED", "SERVER_BUSY"],
  }),
  login: defineEndpoint({
    kind: "mutation",
    access: "public",
    weight: 10,
    rest: { method: "POST", path: "/auth/login", status: 200 },
    summary: "Sign in with email and password",
    description:
      "Where the account has a second factor, the right password gets SECOND_FACTOR_REQUIRED, whose details have the challenge for auth.complete_login.",
    input: loginInput,
    output: tokens,
    givesCredentials: true,
    errors: ["CREDENTIALS_INVALID", "SECOND_FACTOR_REQUIRED", "TOO_MANY_ATTEMPTS", "SERVER_BUSY"],
  }),
  refresh: defineEndpoint({
    kind: "mutation",
    access: "public",
    rest: { method: "POST", path: "/auth/refresh", status: 200 },
    summary: "Exchange a refresh token for a new pair of tokens",
    description:
      "A refresh token works once. Using it again more than 10 seconds later is taken for theft and ends the session.",
    input: refreshInput,
    output: tokens,
    givesCredentials: true,
    errors: ["REFRESH_TOKEN_INVALID"],
  }),
  logout: defineEndpoint({
    kind: "mutation",
    access: "session",
    rest: { method: "POST", path: "/auth/logout", status: 204 },
    summary: "End this session",
    description: "Its access token and its refresh token stop working at once.",
    input: z.undefined(),
    output: z.undefined(),
    errors: [],
  }),
  me: defineEndpoint({
    kind: "query",
    access: "users:read",
    isPersonal: true,
    rest: { method: "GET", path: "/auth/me", status: 200 },
    summary: "The signed-in user",
    input: z.undefined(),
    output: user,
    errors: [],
  }),
  ...secondFactorEndpoints,
  ...passkeysEndpoints,
  ...identitiesEndpoints,
  ...rememberedDevicesEndpoints,
  ...sessionsEndpoints,
  ...passwordsEndpoints,
  ...emailAddressesEndpoints,
  ...walletsEndpoints,
  ...apiKeysEndpoints,
  ...agentsEndpoints,
} as const;
