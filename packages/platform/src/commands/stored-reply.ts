import { createHash } from "node:crypto";
import type { ErrorCode, ErrorDetails } from "@obsqra/contract";
import { problemStatus } from "@obsqra/contract";
import canonicalize from "canonicalize";
import { AppError } from "../errors/app-error.ts";
import type { Sealer } from "../sealer.ts";

/** How a call ended: what it gave, or the error that it ended with. */
export type Outcome =
  | { readonly data?: unknown }
  | {
      readonly error: {
        readonly code: ErrorCode;
        readonly details?: ErrorDetails<ErrorCode>;
        readonly request_id: string;
      };
    };

/** An outcome that is sent again, and for which request. */
export interface StoredReply {
  /** From `fingerprintOf`. */
  readonly fingerprint: string;
  readonly outcome: Outcome;
}

/** Tells whether two calls ask for the same: SHA-256 of the procedure and of what was sent, as canonical JSON (RFC 8785). */
export function fingerprintOf(path: string, sent: unknown): string {
  const text = canonicalize(JSON.parse(JSON.stringify({ path, sent }, wellFormed)));
  return createHash("sha256")
    .update(text ?? "")
    .digest("hex");
}

/** Canonical JSON has no halves of surrogate pairs; as escapes they still tell one text from another. */
function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === "string" && !value.isWellFormed() ? { escaped: JSON.stringify(value) } : value;
}

/**
 * Whether the same call would be refused in the same way again, so that the refusal is stored as a reply. What goes away by
 * itself (429 and 503) is not, nor is what nobody expected.
 */
export function isFinal({ code }: AppError): boolean {
  const status = problemStatus(code);
  return status < 500 && status !== 429;
}

/** The outcome that an error is, for the request that it ended. */
export function toOutcome({ code, details }: AppError, requestId: string): Outcome {
  return { error: { code, details, request_id: requestId } };
}

/** As text, which keeps the order of fields, and encrypted: replies have tokens, and inputs passwords to be guessed. */
export function sealReply(sealer: Sealer, reply: StoredReply): Uint8Array {
  return sealer.seal(JSON.stringify(reply));
}

/** @throws Error when the secret that it was sealed with is no longer among the configured ones */
export function openReply(sealer: Sealer, sealed: Uint8Array): StoredReply {
  // Only `sealReply` seals replies.
  return JSON.parse(sealer.open(sealed)) as StoredReply;
}

/**
 * What a call gave, once more.
 *
 * @throws AppError the one that the first call ended with, for the request of then
 */
export function replay(outcome: Outcome): unknown {
  if (!("error" in outcome)) return outcome.data;
  const { code, details, request_id } = outcome.error;
  // Code and details were stored together.
  throw new AppError(code, details as ErrorDetails<typeof code>, { requestId: request_id });
}
