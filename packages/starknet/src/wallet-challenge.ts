import { parseAddress } from "./address.ts";
import { parseChainId } from "./chain-id.ts";
import { StarknetError } from "./errors.ts";
import { feltPrime, toRpcFelt } from "./felt.ts";
import { isPrintableAscii } from "./short-string.ts";
import type { TypedData } from "./typed-data.ts";
import { hashTypedData, starknetDomainType } from "./typed-data.ts";

/** A stored challenge to link a wallet: everything the typed data is made from. */
export interface WalletChallenge {
  /** Application name and version (at most 31 printable ASCII characters), and the network as name or felt. */
  domain: { name: string; version: string; chain_id: string };
  /** The account that is asked to sign. */
  address: string;
  /** Our user, so that the signature cannot link the wallet to anybody else. */
  user_id: string;
  /** The origin that asks, an http(s) URL. */
  uri: string;
  /** The sentence the wallet shows, printable ASCII. */
  statement: string;
  /** At least 128 random bits as `0x` hex of 32 digits or more, below the prime: {@link createChallengeNonce}. */
  nonce: string;
  /** UTC, ISO 8601 text or a Date; hashed in whole seconds, rounded down. */
  issued_at: string | Date;
  /** After `issued_at`, by 10 minutes at most. */
  expires_at: string | Date;
}

/** The longest a challenge may live, in seconds. */
export const challengeTtlSecondsMax = 600;

/**
 * SNIP-12 typed data for a challenge, as JSON that a wallet can sign. The same fields always give the same typed data,
 * so the server rebuilds it from its own row when the signature arrives and never hashes what a client sent.
 *
 * Whoever stores challenges must make them single use, keyed by `nonce`: signatures are malleable (for every valid
 * (r, s), (r, n − s) is valid too), so a signature must not be used to recognise a replay. Expiry is the caller's to
 * check against its clock.
 *
 * A numeric-looking name or version such as "1" is hashed as a number by wallets that embed starknet.js, which we
 * follow; a version such as "1.0.0" has one reading everywhere.
 *
 * @throws StarknetError `INVALID_CHALLENGE`, `INVALID_ADDRESS` or `INVALID_CHAIN_ID`.
 */
export function buildWalletChallenge(challenge: WalletChallenge): TypedData {
  const { domain, user_id, uri, statement } = challenge;
  assertText("domain.name", domain.name, 31);
  assertText("domain.version", domain.version, 31);
  assertText("user_id", user_id, 128);
  assertText("statement", statement, 1_000);
  assertText("uri", uri, 2_000);
  if (!/^https?:\/\//.test(uri) || !URL.canParse(uri)) throw invalid("uri must be an http or https URL.");
  const issuedAt = toSeconds("issued_at", challenge.issued_at);
  const expiresAt = toSeconds("expires_at", challenge.expires_at);
  if (expiresAt <= issuedAt || expiresAt - issuedAt > challengeTtlSecondsMax) {
    throw invalid(`expires_at must be 1 to ${challengeTtlSecondsMax} seconds after issued_at.`);
  }
  return {
    types: {
      StarknetDomain: starknetDomainType.map((field) => ({ ...field })),
      LinkWallet: [
        { name: "statement", type: "string" },
        { name: "uri", type: "string" },
        { name: "account", type: "ContractAddress" },
        { name: "user_id", type: "string" },
        { name: "nonce", type: "felt" },
        { name: "issued_at", type: "timestamp" },
        { name: "expires_at", type: "timestamp" },
      ],
    },
    primaryType: "LinkWallet",
    domain: {
      name: domain.name,
      version: domain.version,
      chainId: parseChainId(domain.chain_id),
      revision: "1",
    },
    message: {
      statement,
      uri,
      account: parseAddress(challenge.address),
      user_id,
      nonce: parseNonce(challenge.nonce),
      issued_at: issuedAt,
      expires_at: expiresAt,
    },
  };
}

/**
 * The hash that the account must have signed, a canonical felt: rebuilt from the stored challenge.
 *
 * @throws StarknetError as {@link buildWalletChallenge}, and `INVALID_TYPED_DATA` for a numeric name beyond the field.
 */
export function hashWalletChallenge(challenge: WalletChallenge): string {
  return hashTypedData(buildWalletChallenge(challenge), challenge.address);
}

/**
 * The nonce of a challenge from 16 to 31 random bytes, for example `createChallengeNonce(randomBytes(16))`.
 *
 * @throws StarknetError `INVALID_CHALLENGE` for another length.
 */
export function createChallengeNonce(randomBytes: Uint8Array): string {
  if (randomBytes.length < 16 || randomBytes.length > 31)
    throw invalid("A nonce takes 16 to 31 random bytes.");
  return `0x${Buffer.from(randomBytes).toString("hex")}`;
}

function parseNonce(text: string): string {
  if (!/^0x[0-9a-fA-F]{32,64}$/.test(text)) throw invalid("nonce must be 0x and 32 to 64 hex digits.");
  const value = BigInt(text);
  if (value >= feltPrime) throw invalid("nonce must be below the field's prime.");
  return toRpcFelt(value);
}

function toSeconds(field: string, time: string | Date): number {
  const milliseconds = time instanceof Date ? time.getTime() : parseIso(time);
  if (!Number.isFinite(milliseconds) || milliseconds < 0)
    throw invalid(`${field} is not an ISO 8601 UTC time.`);
  return Math.floor(milliseconds / 1_000);
}

/** Date.parse alone would read local times, which differ from machine to machine. */
function parseIso(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
}

function assertText(field: string, text: string, max: number): void {
  if (text.length === 0 || text.length > max || !isPrintableAscii(text)) {
    throw invalid(`${field} must have 1 to ${max} printable ASCII characters.`);
  }
}

function invalid(reason: string): StarknetError {
  return new StarknetError("INVALID_CHALLENGE", reason);
}
