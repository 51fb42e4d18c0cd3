import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import type { PasskeyAssertion, PasskeyAttestation } from "@obsqra/contract";

/** How an answer differs from one that holds. */
export interface PasskeyTwist {
  /** @default "http://localhost:8000" */
  readonly origin?: string;
  /** @default "localhost" */
  readonly rpId?: string;
  /** Whether the device has verified its user. @default true */
  readonly isVerified?: boolean;
  /** How often it has signed, as it says. @default once more than before */
  readonly counter?: number;
  /** @default what the browser does */
  readonly type?: string;
}

/** A device in software, with one passkey of the curve P-256, that gives what a browser would. */
export interface TestPasskey {
  /** Makes the passkey, for the challenge of a set-up. */
  create(challenge: string, twist?: PasskeyTwist): PasskeyAttestation;
  /** Signs a challenge. */
  sign(challenge: string, twist?: PasskeyTwist & { readonly userHandle?: string }): PasskeyAssertion;
}

const flags = { present: 0x01, verified: 0x04, mayBeSynced: 0x08, isSynced: 0x10, hasCredential: 0x40 };

/**
 * Makes a device with a passkey.
 *
 * @param options.isSynced whether it is on several devices, whose counters say nothing of each other
 * @param options.seed of which the key is made, so that it signs the same alike each time (Ed25519). @default a new key of P-256
 */
export function createTestPasskey({
  isSynced = false,
  seed,
}: {
  readonly isSynced?: boolean;
  readonly seed?: string;
} = {}): TestPasskey {
  const key = seed === undefined ? newKey() : keyOf(seed);
  const { credentialId } = key;
  const id = credentialId.toString("base64url");
  const synced = isSynced ? flags.mayBeSynced | flags.isSynced : 0;
  let signed = 0;

  const authenticatorData = (
    { rpId = "localhost", isVerified = true, counter }: PasskeyTwist,
    credential?: Buffer,
  ) => {
    signed = counter ?? signed + 1;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(signed);
    const set =
      flags.present |
      synced |
      (isVerified ? flags.verified : 0) |
      (credential === undefined ? 0 : flags.hasCredential);
    return Buffer.concat([sha256(rpId), Buffer.from([set]), count, credential ?? Buffer.alloc(0)]);
  };

  return {
    create: (challenge, twist = {}) => {
      // The model of the device (16 zeros: not said), the length of the id, the id, the key.
      const head = Buffer.concat([Buffer.alloc(16), Buffer.from([0, credentialId.length]), credentialId]);
      const data = authenticatorData(twist, Buffer.concat([head, key.cose]));
      return {
        id,
        rawId: id,
        type: "public-key",
        response: {
          clientDataJSON: clientData("webauthn.create", challenge, twist).toString("base64url"),
          attestationObject: attestationWithoutStatement(data).toString("base64url"),
          transports: ["internal"],
        },
      };
    },
    sign: (challenge, twist = {}) => {
      const client = clientData("webauthn.get", challenge, twist);
      const data = authenticatorData(twist);
      const signature = sign(key.hash, Buffer.concat([data, sha256(client)]), key.privateKey);
      return {
        id,
        rawId: id,
        type: "public-key",
        response: {
          clientDataJSON: client.toString("base64url"),
          authenticatorData: data.toString("base64url"),
          signature: signature.toString("base64url"),
          ...(twist.userHandle !== undefined && { userHandle: twist.userHandle }),
        },
      };
    },
  };
}

function clientData(
  type: string,
  challenge: string,
  { origin = "http://localhost:8000", ...twist }: PasskeyTwist,
): Buffer {
  return Buffer.from(JSON.stringify({ type: twist.type ?? type, challenge, origin, crossOrigin: false }));
}

interface DeviceKey {
  readonly credentialId: Buffer;
  readonly privateKey: KeyObject;
  /** What is hashed before it is signed; Ed25519 does so itself. */
  readonly hash: "sha256" | null;
  /** CBOR of the public key, as COSE has it. */
  readonly cose: Buffer;
}

/** EC2, ES256, P-256, and its two coordinates. */
function newKey(): DeviceKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const cose = Buffer.concat([hex("a5010203262001215820"), bytes(x), hex("225820"), bytes(y)]);
  return { credentialId: randomBytes(16), privateKey, hash: "sha256", cose };
}

/** OKP, EdDSA, Ed25519, and its one coordinate. */
function keyOf(seed: string): DeviceKey {
  // PKCS #8 of the 32 bytes that follow (RFC 8410).
  const der = Buffer.concat([hex("302e020100300506032b657004220420"), sha256(`key of ${seed}`)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const credentialId = sha256(`id of ${seed}`).subarray(0, 16);
  const cose = Buffer.concat([hex("a4010103272006215820"), bytes(x)]);
  return { credentialId, privateKey, hash: null, cose };
}

function hex(text: string): Buffer {
  return Buffer.from(text, "hex");
}

function bytes(base64url: string): Buffer {
  return Buffer.from(base64url, "base64url");
}

/** CBOR of `{ fmt: "none", attStmt: {}, authData }`. */
function attestationWithoutStatement(authData: Buffer): Buffer {
  const text = (word: string) => Buffer.concat([Buffer.from([0x60 + word.length]), Buffer.from(word)]);
  const head = [Buffer.from([0xa3]), text("fmt"), text("none"), text("attStmt"), Buffer.from([0xa0])];
  const length = Buffer.from([0x59, authData.length >> 8, authData.length & 0xff]);
  return Buffer.concat([...head, text("authData"), length, authData]);
}

function sha256(data: string | Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}
