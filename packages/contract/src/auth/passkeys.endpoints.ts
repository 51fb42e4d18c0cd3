import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import { tokens } from "./auth.schema.ts";
import {
  addPasskeyInput,
  listPasskeysInput,
  loginWithPasskeyInput,
  passkey,
  passkeyCreation,
  passkeyRequest,
  passkeys,
  removePasskeyInput,
  renamePasskeyInput,
} from "./passkeys.schema.ts";

export const passkeysEndpoints = {
  passkey_challenge: defineEndpoint({
    kind: "mutation",
    access: "public",
    weight: 5,
    rest: { method: "POST", path: "/auth/passkey-challenge", status: 201 },
    summary: "Get what a passkey has to sign for signing in",
    description:
      "It works once, for 5 minutes, for the same program, whoever signs in; for signing in again by auth.reauthenticate, too.",
    input: z.undefined(),
    output: passkeyRequest,
    errors: [],
  }),
  login_with_passkey: defineEndpoint({
    kind: "mutation",
    access: "public",
    weight: 10,
    rest: { method: "POST", path: "/auth/login-with-passkey", status: 200 },
    summary: "Sign in with a passkey, without address and password",
    description:
      "The device verifies its user, so that no second factor is asked for. A challenge is used up whether or not the answer holds.",
    input: loginWithPasskeyInput,
    output: tokens,
    givesCredentials: true,
    errors: ["PASSKEY_CHALLENGE_INVALID", "PASSKEY_UNKNOWN", "PASSKEY_REJECTED", "TOO_MANY_ATTEMPTS"],
  }),
  passkeys: defineEndpoint({
    kind: "query",
    access: "session",
    rest: { method: "GET", path: "/auth/passkeys", status: 200 },
    summary: "Your passkeys",
    description: "Newest first, unless sort says otherwise.",
    input: listPasskeysInput,
    output: passkeys,
    errors: ["CURSOR_INVALID"],
  }),
  set_up_passkey: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    weight: 5,
    rest: { method: "POST", path: "/auth/passkey-set-up", status: 201 },
    summary: "Get what a browser makes a passkey from",
    description:
      "It works once, for 5 minutes, in this session. The passkey counts once auth.add_passkey has it.",
    input: z.undefined(),
    output: passkeyCreation,
    errors: [],
  }),
  add_passkey: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    weight: 5,
    rest: { method: "POST", path: "/auth/passkeys", status: 201 },
    summary: "Add a passkey that a browser has made",
    description:
      "It signs in by itself from then on, and answers where a second factor is asked for. Its owner is told by mail. Adding one shows nothing else: it neither confirms the address nor signs in.",
    input: addPasskeyInput,
    output: passkey,
    errors: ["PASSKEY_CHALLENGE_INVALID", "PASSKEY_REJECTED", "PASSKEY_TAKEN", "PASSKEY_LIMIT_REACHED"],
  }),
  rename_passkey: defineEndpoint({
    kind: "mutation",
    access: "session",
    weight: 5,
    rest: { method: "PUT", path: "/auth/passkeys/:passkey_id", status: 200 },
    summary: "Give a passkey another name",
    input: renamePasskeyInput,
    output: passkey,
    errors: ["PASSKEY_NOT_FOUND"],
  }),
  remove_passkey: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    weight: 5,
    rest: { method: "DELETE", path: "/auth/passkeys/:passkey_id", status: 204 },
    summary: "Remove a passkey",
    description:
      "It signs nobody in from then on. Sessions that it has begun are not ended. Its owner is told by mail. The last one stays where there is no other way to sign in.",
    input: removePasskeyInput,
    output: z.undefined(),
    errors: ["PASSKEY_NOT_FOUND", "LAST_WAY_IN"],
  }),
} as const;
