import type { PasskeyAssertion, PasskeyAttestation } from "@obsqra/contract";
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { findPasskey, type NewPasskeyRow, type PasskeyUse, type StoredPasskey } from "./passkeys.queries.ts";
import type { RelyingParty } from "./relying-party.ts";

/** Every authenticator has one of these: Ed25519, ES256, RS256. */
export const algorithms = [-8, -7, -257];

/** What is stored of a passkey that a browser has made. */
export type MadePasskey = Pick<
  NewPasskeyRow,
  "credential_id" | "public_key" | "counter" | "is_synced" | "transports"
>;

/** Looks at a passkey that a browser has made. @returns undefined for one that does not hold */
export async function readMadePasskey(
  { id, origins }: RelyingParty,
  passkey: PasskeyAttestation,
  challenge: string,
): Promise<MadePasskey | undefined> {
  const { verified, registrationInfo } = await orRefused(
    verifyRegistrationResponse({
      response: { ...passkey, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: id,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    }),
    { verified: false as const, registrationInfo: undefined },
  );
  if (!verified || registrationInfo === undefined) return undefined;
  const { credential, credentialDeviceType } = registrationInfo;
  return {
    credential_id: Buffer.from(credential.id, "base64url"),
    public_key: credential.publicKey,
    counter: credential.counter,
    is_synced: credentialDeviceType === "multiDevice",
    transports: passkey.response.transports,
  };
}

/** A passkey that has answered, and whether it has answered well. */
export interface Answered {
  readonly stored: StoredPasskey;
  /** Undefined for an answer that does not hold. */
  readonly use: PasskeyUse | undefined;
}

/** Looks at the answer of a passkey to a challenge. @returns undefined for a passkey that nobody has */
export async function readAnswer(
  { db, clock, relyingParty }: AuthDependencies,
  passkey: PasskeyAssertion,
  challenge: string,
): Promise<Answered | undefined> {
  const stored = await findPasskey(db, Buffer.from(passkey.id, "base64url"));
  if (stored === undefined) return undefined;
  const { id, user_id, counter: known } = stored;
  const counter = await verifyAnswer(relyingParty, { stored, passkey, challenge });
  const use = counter === undefined ? undefined : { id, user_id, known, counter, now: clock() };
  return { stored, use };
}

/** @returns how often the passkey has signed, as it says; undefined for an answer that does not hold */
async function verifyAnswer(
  { id, origins }: RelyingParty,
  {
    stored,
    passkey,
    challenge,
  }: {
    readonly stored: StoredPasskey;
    readonly passkey: PasskeyAssertion;
    readonly challenge: string;
  },
): Promise<number | undefined> {
  const { userHandle } = passkey.response;
  if (userHandle && userHandle !== userHandleOf(stored.user_id)) return undefined;
  const { clientDataJSON, authenticatorData, signature } = passkey.response;
  const { verified, authenticationInfo } = await orRefused(
    verifyAuthenticationResponse({
      response: {
        ...passkey,
        response: { clientDataJSON, authenticatorData, signature },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: id,
      requireUserVerification: true,
      credential: {
        id: passkey.id,
        publicKey: new Uint8Array(stored.public_key),
        // Devices of a synced passkey count each for itself: only of one that is on one device does a step back mean a copy.
        counter: stored.is_synced ? 0 : stored.counter,
      },
    }),
    { verified: false as const, authenticationInfo: undefined },
  );
  return verified ? authenticationInfo?.newCounter : undefined;
}

/** By which a passkey names its user: the bytes of the id, as base64url. */
export function userHandleOf(userId: string): string {
  return Buffer.from(userId.replaceAll("-", ""), "hex").toString("base64url");
}

/** The library throws whatever it finds wrong, also what can be caused from outside: all of it is an answer that does not hold. */
async function orRefused<TOutcome, TRefused>(
  verifying: Promise<TOutcome>,
  refused: TRefused,
): Promise<TOutcome | TRefused> {
  try {
    return await verifying;
  } catch {
    return refused;
  }
}
