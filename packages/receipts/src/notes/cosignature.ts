import { ed25519 } from "@noble/curves/ed25519.js";
import { concatBytes, utf8ToBytes } from "../bytes.ts";
import {
  isSignedBy,
  keyIdOf,
  type Note,
  type NoteSignature,
  signaturesOf,
  signatureTypes,
  type VerifierKey,
} from "./signed-note.ts";

/** The public key of a secret one of 32 bytes, for cosignatures of a witness. */
export function witnessKeyOf(name: string, secretKey: Uint8Array): VerifierKey {
  return { name, type: signatureTypes.cosignature, publicKey: ed25519.getPublicKey(secretKey) };
}

/** A witness's statement that it knows this checkpoint, and no other tree of the log, at a time (C2SP tlog-cosignature, Ed25519). */
export function cosign(
  text: string,
  { name, secretKey, time }: { readonly name: string; readonly secretKey: Uint8Array; readonly time: Date },
): NoteSignature {
  const seconds = Math.floor(time.getTime() / 1_000);
  const timestamp = new Uint8Array(8);
  new DataView(timestamp.buffer).setBigUint64(0, BigInt(seconds));
  const signature = ed25519.sign(message(text, String(seconds)), secretKey);
  return {
    name,
    keyId: keyIdOf(witnessKeyOf(name, secretKey)),
    signature: concatBytes(timestamp, signature),
  };
}

/** What a checkpoint has of a witness: nothing, a cosignature that does not hold, or since when the witness knows it. */
export type CosignatureState = "absent" | "invalid" | Date;

/** Since when a witness knows a checkpoint. */
export function checkCosignature(note: Note, witness: VerifierKey): CosignatureState {
  const [own] = signaturesOf(note, witness);
  if (own === undefined) return "absent";
  if (own.signature.length !== 72) return "invalid";
  const { buffer, byteOffset } = own.signature;
  const seconds = new DataView(buffer, byteOffset).getBigUint64(0);
  // No Date is later than that.
  if (seconds > 8_640_000_000_000n) return "invalid";
  const holds = isSignedBy(witness, message(note.text, String(seconds)), own.signature.slice(8));
  return holds ? new Date(Number(seconds) * 1_000) : "invalid";
}

function message(text: string, seconds: string): Uint8Array {
  return utf8ToBytes(`cosignature/v1\ntime ${seconds}\n${text}`);
}
