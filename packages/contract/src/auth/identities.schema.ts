import { z } from "zod";
import { nextCursor, timePageFields, timestamp } from "../common/common.schema.ts";
import { objectReference } from "../endpoints/object-reference.ts";
import { whole } from "../figures/figures.ts";

/** A user has at most this many identities. */
export const identitiesMax = 10;

/** How an operator names a provider: part of addresses and of inputs. */
export const identityProviderId = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[a-z0-9][a-z0-9-]*$/, "is not lower-case letters, digits and hyphens, which do not come first");

export const identityProvider = z
  .object({
    id: z.string().describe("For auth.begin_identity_login and auth.begin_identity_link"),
    name: z.string().describe("As people know it, for a button"),
  })
  .meta({ id: "IdentityProvider" });
export type IdentityProvider = z.output<typeof identityProvider>;

export const identityProviders = z
  .object({ providers: z.array(identityProvider).describe("As the operator has ordered them") })
  .meta({ id: "IdentityProviders" });
export type IdentityProviders = z.output<typeof identityProviders>;

export const beginIdentityInput = z
  .object({ provider: identityProviderId })
  .meta({ id: "BeginIdentityInput" });
export type BeginIdentityInput = z.output<typeof beginIdentityInput>;

export const identityAttempt = z
  .object({
    attempt: z
      .string()
      .describe("A secret of the browser that has asked, which it keeps until the provider has answered"),
    authorization_url: z.string().describe("Where the browser goes now: a page of the provider"),
    expires_in: whole("seconds").positive().describe("Seconds until the attempt is over"),
  })
  .meta({ id: "IdentityAttempt" });
export type IdentityAttempt = z.output<typeof identityAttempt>;

const attempt = z.string().min(1).max(256).describe("Of the same browser, from the beginning; works once");
const answer = z
  .string()
  .min(1)
  .max(4096)
  .describe(
    "What the provider has answered, as it is: what comes after # in the address to which the browser was sent back",
  );

export const loginWithIdentityInput = z
  .object({
    attempt,
    answer,
    device_token: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe("Of a remembered device, from auth.complete_login: stands in for the second factor"),
  })
  .meta({ id: "LoginWithIdentityInput" });
export type LoginWithIdentityInput = z.output<typeof loginWithIdentityInput>;

export const linkIdentityInput = z.object({ attempt, answer }).meta({ id: "LinkIdentityInput" });
export type LinkIdentityInput = z.output<typeof linkIdentityInput>;

export const identity = z
  .object({
    id: z.uuid(),
    provider: z.string().nullable().describe("The id of the provider; null where it is no longer offered"),
    issuer: z.string().describe("Who vouches for it, as the provider names itself"),
    email: z.string().describe("The verified address that it had when it was linked"),
    created_at: timestamp,
    last_used_at: timestamp.nullable().describe("When it last signed in; null before the first time"),
  })
  .meta({ id: "Identity" });
export type Identity = z.output<typeof identity>;

export const listIdentitiesInput = z.object(timePageFields).meta({ id: "ListIdentitiesInput" }).prefault({});
export type ListIdentitiesInput = z.output<typeof listIdentitiesInput>;

export const identities = z
  .object({ items: z.array(identity), next_cursor: nextCursor })
  .meta({ id: "Identities" });
export type Identities = z.output<typeof identities>;

export const unlinkIdentityInput = z
  .object({ identity_id: objectReference("identity", z.uuid()) })
  .meta({ id: "UnlinkIdentityInput" });
export type UnlinkIdentityInput = z.output<typeof unlinkIdentityInput>;
