import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";

/** Encrypts what has to be read again by the service only, such as mail that waits to be sent. */
export interface Sealer {
  seal(text: string): Uint8Array;
  /** @throws Error when the text was sealed with none of the keys, or was changed */
  open(sealed: Uint8Array): string;
  /** Seals with the newest key what an earlier one has sealed; undefined where there is nothing to do, or no key opens it. */
  reseal(sealed: Uint8Array): Uint8Array | undefined;
}

const algorithm = "aes-256-gcm";
const ivBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM with keys derived from the configured secrets (HKDF, RFC 5869). The first secret seals; the others, from
 * before a rotation, still open. A sealed text is its random initialisation vector, its tag and the ciphertext.
 */
export function createSealer(
  secretKeys: readonly [string, ...string[]],
  randomBytes: (size: number) => Uint8Array,
): Sealer {
  const derive = (secret: string) => new Uint8Array(hkdfSync("sha256", secret, "", "obsqra sealed text", 32));
  const [first] = secretKeys;
  const sealingKey = derive(first);
  const keys = secretKeys.map(derive);
  const seal = (text: string): Uint8Array => {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, sealingKey, iv);
    const encrypted = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), encrypted]);
  };
  return {
    seal,
    open: (sealed) => {
      const opened = openWith(keys, sealed);
      if (opened !== undefined) return opened;
      throw new Error("The sealed text cannot be opened with any of the configured secrets.");
    },
    reseal: (sealed) => {
      if (openWith([sealingKey], sealed) !== undefined) return undefined;
      const opened = openWith(keys, sealed);
      return opened === undefined ? undefined : seal(opened);
    },
  };
}

function openWith(keys: readonly Uint8Array[], sealed: Uint8Array): string | undefined {
  for (const key of keys) {
    try {
      return decrypt(key, sealed);
    } catch {
      // Sealed with another key of the ring.
    }
  }
  return undefined;
}

function decrypt(key: Uint8Array, sealed: Uint8Array): string {
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]).toString();
}
