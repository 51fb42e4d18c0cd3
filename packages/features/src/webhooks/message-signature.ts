import { createHmac } from "node:crypto";

const prefix = "whsec_";

/** As many as SHA-256 gives; Standard Webhooks ask for 24 to 64. */
const secretBytes = 32;

/** A new secret, as Standard Webhooks write it: `whsec_` and base64. */
export function createSecret(randomBytes: (size: number) => Uint8Array): string {
  return `${prefix}${Buffer.from(randomBytes(secretBytes)).toString("base64")}`;
}

/** What is signed. */
export interface SignedMessage {
  /** The same for all attempts. */
  readonly id: string;
  readonly sent_at: Date;
  readonly body: string;
}

/**
 * The headers of a message by Standard Webhooks 1.0 (https://www.standardwebhooks.com): HMAC-SHA256 over id, Unix time in seconds
 * and body, a signature for each secret.
 *
 * @param secrets as `createSecret` makes them
 */
export function signMessage(
  { id, sent_at, body }: SignedMessage,
  secrets: readonly string[],
): Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> {
  const timestamp = String(Math.floor(sent_at.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
