import { z } from "zod";
import { lineOfText } from "../common/characters.ts";
import { nextCursor, timePageFields, timestamp } from "../common/common.schema.ts";
import { objectReference } from "../endpoints/object-reference.ts";
import { whole } from "../figures/figures.ts";

// What browsers take and give has the names of WebAuthn, so that it is passed on as it is.

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]*$/, "is not base64url");

/** 1,023 bytes, the most that WebAuthn allows. */
const credentialId = base64url(1364);
const publicKeyType = z.enum(["public-key"]);

/** A user has at most this many passkeys. */
export const passkeysMax = 20;

export const passkeyRequest = z
  .object({
    challenge: z.string(),
    rpId: z.string().describe("The domain that passkeys belong to"),
    timeout: whole("milliseconds").positive().describe("How long the browser may wait for the device"),
    userVerification: z.literal("required"),
  })
  .describe(
    "What navigator.credentials.get takes, as PublicKeyCredential.parseRequestOptionsFromJSON reads it",
  )
  .meta({ id: "PasskeyRequest" });
export type PasskeyRequest = z.output<typeof passkeyRequest>;

export const passkeyCreation = z
  .object({
    challenge: z.string(),
    rp: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    pubKeyCredParams: z.array(
      z.object({
        type: publicKeyType,
        alg: whole("number in the registry of COSE").describe("The algorithm, such as -7 for ES256"),
      }),
    ),
    timeout: whole("milliseconds").positive().describe("How long the browser may wait for the device"),
    excludeCredentials: z.array(
      z.object({ id: z.string(), type: publicKeyType, transports: z.array(z.string()) }),
    ),
    authenticatorSelection: z.object({
      residentKey: z.literal("required"),
      requireResidentKey: z.literal(true),
      userVerification: z.literal("required"),
    }),
    attestation: z.literal("none"),
  })
  .describe(
    "What navigator.credentials.create takes, as PublicKeyCredential.parseCreationOptionsFromJSON reads it",
  )
  .meta({ id: "PasskeyCreation" });
export type PasskeyCreation = z.output<typeof passkeyCreation>;

export const passkeyAttestation = z
  .object({
    id: credentialId,
    rawId: credentialId,
    type: publicKeyType,
    response: z.object({
      clientDataJSON: base64url(4096),
      attestationObject: base64url(16_384),
      transports: z
        .array(
          z
            .string()
            .max(32)
            .regex(/^[a-z-]+$/, "is not the name of a transport"),
        )
        .max(8)
        .default([]),
    }),
  })
  .describe("What navigator.credentials.create has given, as its toJSON writes it")
  .meta({ id: "PasskeyAttestation" });
export type PasskeyAttestation = z.output<typeof passkeyAttestation>;

export const passkeyAssertion = z
  .object({
    id: credentialId,
    rawId: credentialId,
    type: publicKeyType,
    response: z.object({
      clientDataJSON: base64url(4096),
      authenticatorData: base64url(4096),
      signature: base64url(4096),
      userHandle: base64url(128).nullish(),
    }),
  })
  .describe("What navigator.credentials.get has given, as its toJSON writes it")
  .meta({ id: "PasskeyAssertion" });
export type PasskeyAssertion = z.output<typeof passkeyAssertion>;

export const passkey = z
  .object({
    id: z.uuid(),
    name: z.string(),
    is_synced: z.boolean().describe("Whether it may be on several devices, such as by a password manager"),
    created_at: timestamp,
    last_used_at: timestamp.nullable().describe("When it last signed in; null before the first time"),
  })
  .meta({ id: "Passkey" });
export type Passkey = z.output<typeof passkey>;

const name = lineOfText(100).describe("By which its owner knows it");

export const addPasskeyInput = z
  .object({ name, passkey: passkeyAttestation })
  .meta({ id: "AddPasskeyInput" });
export type AddPasskeyInput = z.output<typeof addPasskeyInput>;

export const renamePasskeyInput = z
  .object({ passkey_id: objectReference("passkey", z.uuid()), name })
  .meta({ id: "RenamePasskeyInput" });
export type RenamePasskeyInput = z.output<typeof renamePasskeyInput>;

export const removePasskeyInput = z
  .object({ passkey_id: objectReference("passkey", z.uuid()) })
  .meta({ id: "RemovePasskeyInput" });
export type RemovePasskeyInput = z.output<typeof removePasskeyInput>;

export const listPasskeysInput = z.object(timePageFields).meta({ id: "ListPasskeysInput" }).prefault({});
export type ListPasskeysInput = z.output<typeof listPasskeysInput>;

export const passkeys = z
  .object({ items: z.array(passkey), next_cursor: nextCursor })
  .meta({ id: "Passkeys" });
export type Passkeys = z.output<typeof passkeys>;

export const loginWithPasskeyInput = z
  .object({ passkey: passkeyAssertion })
  .meta({ id: "LoginWithPasskeyInput" });
export type LoginWithPasskeyInput = z.output<typeof loginWithPasskeyInput>;
