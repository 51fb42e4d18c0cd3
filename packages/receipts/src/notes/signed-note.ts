import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { areEqual, bytesToHex, concatBytes, fromBase64, toBase64, utf8ToBytes } from "../bytes.ts";
import { MalformedError } from "../malformed-error.ts";

/** The signature types of C2SP signed-note that are used here: of a log, and of a witness with the time. */
export const signatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const;

type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes];

/** Checks signatures of one key. */
export interface VerifierKey {
  readonly name: string;
  readonly type: SignatureType;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A line below a note: who signed, with which key, and the signature. */
export interface NoteSignature {
  readonly name: string;
  /** Four bytes. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** A text, with its last newline, and the signatures below it. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** The signatures that are read of a note; C2SP signed-note asks for 16 at least. */
const signaturesMax = 64;
const namePattern = /^[^\s+\p{Cc}]+$/u;

/** The id of a key in signature lines: the first four bytes of a hash over name, type and public key. */
export function keyIdOf({ name, type, publicKey }: VerifierKey): Uint8Array {
  return sha256(concatBytes(utf8ToBytes(`${name}\n`), Uint8Array.of(type), publicKey)).slice(0, 4);
}

/** A verifier key as text: `<name>+<key id in hex>+<base64 of type and public key>`. */
export function formatVerifierKey(key: VerifierKey): string {
  const material = concatBytes(Uint8Array.of(key.type), key.publicKey);
  return `${key.name}+${bytesToHex(keyIdOf(key))}+${toBase64(material)}`;
}

/** @throws MalformedError when the text is no verifier key of Ed25519, or its id is not that of its key */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = "", id, material = ""] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const bytes = fromBase64(material);
  const type = Object.values(signatureTypes).find((known) => known === bytes[0]);
  if (!namePattern.test(name) || type === undefined || bytes.length !== 33) {
    throw new MalformedError("It is no verifier key of Ed25519.");
  }
  const key: VerifierKey = { name, type, publicKey: bytes.slice(1) };
  if (bytesToHex(keyIdOf(key)) !== id)
    throw new MalformedError("The verifier key's id is not that of its key.");
  return key;
}

/** The public key of a secret one of 32 bytes, for signatures of a log. */
export function logKeyOf(name: string, secretKey: Uint8Array): VerifierKey {
  if (!namePattern.test(name)) throw new RangeError("A key's name has neither spaces nor a plus.");
  return { name, type: signatureTypes.ed25519, publicKey: ed25519.getPublicKey(secretKey) };
}

/** Signs a text that ends with a newline. */
export function signText(text: string, name: string, secretKey: Uint8Array): NoteSignature {
  const signature = ed25519.sign(utf8ToBytes(text), secretKey);
  return { name, keyId: keyIdOf(logKeyOf(name, secretKey)), signature };
}

/** A note as it is published. */
export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(formatSignature).join("")}`;
}

/** A signature's line, with its end. */
export function formatSignature({ name, keyId, signature }: NoteSignature): string {
  return `— ${name} ${toBase64(concatBytes(keyId, signature))}\n`;
}

/** @throws MalformedError when it is no signed note */
export function parseNote(note: string): Note {
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2).split("\n");
  if (end < 0 || lines.pop() !== "" || lines.length === 0) {
    throw new MalformedError("A signed note is a text, an empty line, and lines of signatures.");
  }
  if (lines.length > signaturesMax) throw new MalformedError("The note has too many signatures.");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids them
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) throw new MalformedError("The note has control characters.");
  return { text, signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [, name = "", encoded = ""] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (!namePattern.test(name) || bytes.length < 5) throw new MalformedError("A signature line is malformed.");
  return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) };
}

/** What a note has of a key: nothing, a signature that holds, or one that does not, for which the note is to be refused. */
export type SignatureState = "absent" | "valid" | "invalid";

/** Whether a note is signed by the key of a log. Signatures of other keys are ignored. */
export function checkSignature(note: Note, key: VerifierKey): SignatureState {
  const own = signaturesOf(note, key);
  if (own.length === 0) return "absent";
  const message = utf8ToBytes(note.text);
  return own.every(({ signature }) => isSignedBy(key, message, signature)) ? "valid" : "invalid";
}

/** The lines of a note that name this key. */
export function signaturesOf(note: Note, key: VerifierKey): NoteSignature[] {
  const id = keyIdOf(key);
  return note.signatures.filter(({ name, keyId }) => name === key.name && areEqual(keyId, id));
}

/** Whether a signature of 64 bytes holds, by the strict rules of RFC 8032. */
export function isSignedBy(key: VerifierKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  return ed25519.verify(signature, message, key.publicKey, { zip215: false });
}
