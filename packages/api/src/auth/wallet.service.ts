import type {
  ConnectWalletInput,
  User,
  WalletChallenge,
  WalletChallengeInput,
  WalletInput,
  Wallets,
} from "@obsqra/contract";
import { typedData } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { ChainReader, SignatureVerdict } from "@obsqra/starknet";
import {
  buildWalletChallenge,
  ChainUnavailableError,
  createChallengeNonce,
  hashWalletChallenge,
  parseAddress,
  StarknetError,
} from "@obsqra/starknet";
import { z } from "zod";
import { AppError } from "../app-error.ts";
import type { CreateId } from "../create-id.ts";
import type { Principal, SessionPrincipal } from "../principal.ts";
import { linkWallet } from "../users/users.service.ts";
import { hashToken } from "./refresh-token.ts";
import {
  deleteChallenge,
  deleteExpiredChallenges,
  findChallenge,
  insertChallenge,
} from "./wallet.queries.ts";

/** What linking a wallet uses. */
export interface WalletDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly chain: ChainReader | undefined;
  readonly publicUrl: string;
  readonly principal: SessionPrincipal;
}

/** What the typed data is rebuilt from when the signature comes back. */
const challengePayload = z.object({
  chain_id: z.string(),
  uri: z.string(),
  nonce: z.string(),
  issued_at: z.string(),
  expires_at: z.string(),
});
type ChallengePayload = z.output<typeof challengePayload>;

const challengeLifetimeMs = 10 * 60 * 1000;

/**
 * Makes the message that proves the ownership of a wallet.
 *
 * @throws AppError WALLET_ADDRESS_INVALID, CHAIN_NOT_CONFIGURED,
 * CHAIN_UNAVAILABLE
 */
export async function createWalletChallenge(
  deps: WalletDependencies,
  input: WalletChallengeInput,
): Promise<WalletChallenge> {
  const walletAddress = readAddress(input.wallet_address);
  const chain = requireChain(deps.chain);
  const now = deps.clock();
  const expiresAt = new Date(now.getTime() + challengeLifetimeMs);
  const payload = {
    chain_id: await askChain(() => chain.chainId()),
    uri: deps.publicUrl,
    nonce: createChallengeNonce(deps.randomBytes(31)),
    issued_at: now.toISOString(),
    expires_at: expiresAt.toISOString(),
  };
  const challengeId = deps.createId();
  const { user_id } = deps.principal;
  await deleteExpiredChallenges(deps.db, user_id, now);
  await insertChallenge(deps.db, {
    token_hash: hashToken(challengeId),
    user_id,
    wallet_address: walletAddress,
    now,
    payload,
    expires_at: expiresAt,
  });
  return {
    challenge_id: challengeId,
    typed_data: typedData.parse(buildWalletChallenge(toSignable(payload, user_id, walletAddress))),
    expires_at: payload.expires_at,
  };
}

/**
 * Links a wallet once its account contract has accepted the signature of our own copy of the challenge. Trouble with
 * the chain leaves the challenge usable; an answer of the contract, good or bad, uses it up.
 *
 * @throws AppError WALLET_ADDRESS_INVALID, WALLET_CHALLENGE_INVALID,
 * WALLET_SIGNATURE_INVALID, WALLET_NOT_DEPLOYED, WALLET_TAKEN, CHAIN_NOT_CONFIGURED, CHAIN_UNAVAILABLE
 */
export async function connectWallet(deps: WalletDependencies, input: ConnectWalletInput): Promise<User> {
  const walletAddress = readAddress(input.wallet_address);
  const chain = requireChain(deps.chain);
  const { user_id } = deps.principal;
  const tokenHash = hashToken(input.challenge_id);
  const key = { token_hash: tokenHash, user_id, wallet_address: walletAddress, now: deps.clock() };
  const stored = challengePayload.optional().parse(await findChallenge(deps.db, key));
  if (stored === undefined) throw new AppError("WALLET_CHALLENGE_INVALID", undefined);
  const hash = hashWalletChallenge(toSignable(stored, user_id, walletAddress));
  const verdict = await askChain(() =>
    chain.isValidSignature({ account: walletAddress, hash, signature: input.signature }),
  );
  const wasUnused = await deleteChallenge(deps.db, tokenHash);
  if (!wasUnused) throw new AppError("WALLET_CHALLENGE_INVALID", undefined);
  refuseUnlessValid(verdict);
  return linkWallet(deps, walletAddress);
}

export async function getWallets(_deps: {
  readonly db: Database;
  readonly principal: Principal;
}): Promise<Wallets> {
  throw new Error("Not built yet.");
}

export async function setPrimaryWallet(_deps: WalletDependencies, _input: WalletInput): Promise<User> {
  throw new Error("Not built yet.");
}

export async function unlinkWallet(_deps: WalletDependencies, _input: WalletInput): Promise<User> {
  throw new Error("Not built yet.");
}

function toSignable(payload: ChallengePayload, userId: string, walletAddress: string) {
  return {
    domain: { name: "Obsqra", version: "1.0.0", chain_id: payload.chain_id },
    address: walletAddress,
    user_id: userId,
    uri: payload.uri,
    statement: "Link this wallet to my Obsqra account. This is not a transaction and costs nothing.",
    nonce: payload.nonce,
    issued_at: payload.issued_at,
    expires_at: payload.expires_at,
  };
}

function readAddress(text: string): string {
  try {
    return parseAddress(text);
  } catch (cause) {
    const reason = cause instanceof StarknetError ? cause.message.replace(/\.$/, "") : "it cannot be read";
    throw new AppError("WALLET_ADDRESS_INVALID", { reason }, { cause });
  }
}

function requireChain(chain: ChainReader | undefined): ChainReader {
  if (chain === undefined) throw new AppError("CHAIN_NOT_CONFIGURED", undefined);
  return chain;
}

/** Trouble with the node is never a verdict about the wallet. */
async function askChain<TAnswer>(ask: () => Promise<TAnswer>): Promise<TAnswer> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof ChainUnavailableError) throw new AppError("CHAIN_UNAVAILABLE", undefined, { cause });
    if (cause instanceof StarknetError) throw new AppError("WALLET_SIGNATURE_INVALID", undefined, { cause });
    throw cause;
  }
}

function refuseUnlessValid(verdict: SignatureVerdict): void {
  switch (verdict) {
    case "valid":
      return;
    case "invalid":
      throw new AppError("WALLET_SIGNATURE_INVALID", undefined);
    case "not_deployed":
    case "no_entry_point":
      throw new AppError("WALLET_NOT_DEPLOYED", undefined);
  }
}
