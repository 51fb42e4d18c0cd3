import type { WalletChallengeInput } from "@obsqra/contract";
import { typedData } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import type { CreateId, SessionActor } from "@obsqra/platform";
import { AppError, defineCommand, hashToken } from "@obsqra/platform";
import type { ChainReader } from "@obsqra/starknet";
import { buildWalletChallenge, createChallengeNonce, hashWalletChallenge } from "@obsqra/starknet";
import { z } from "zod";
import {
  findOneTimeToken,
  insertOneTimeToken,
  takeOneTimeToken,
} from "../one-time-tokens/one-time-tokens.queries.ts";
import { askChain, readAddress, requireChain } from "./wallet-check.ts";

/** What making and reading challenges uses. */
export interface ChallengeDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly chain: ChainReader | undefined;
  readonly publicUrl: string;
  readonly actor: SessionActor;
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

const purpose = "wallet_challenge";
const lifetimeMs = 10 * 60 * 1000;

/**
 * Makes the message that proves the ownership of a wallet.
 *
 * @throws AppError WALLET_ADDRESS_INVALID, CHAIN_NOT_CONFIGURED, CHAIN_UNAVAILABLE
 */
export const createWalletChallenge = defineCommand({
  plan: async (deps: ChallengeDependencies, input: WalletChallengeInput) => {
    const walletAddress = readAddress(input.wallet_address);
    const chain = requireChain(deps.chain);
    const chainId = await askChain(() => chain.chainId());
    const now = deps.clock();
    const expiresAt = new Date(now.getTime() + lifetimeMs);
    const payload = {
      chain_id: chainId,
      uri: deps.publicUrl,
      nonce: createChallengeNonce(deps.randomBytes(31)),
      issued_at: now.toISOString(),
      expires_at: expiresAt.toISOString(),
    };
    const challengeId = deps.createId();
    const { user_id } = deps.actor;
    return {
      row: {
        token_hash: hashToken(challengeId),
        purpose,
        user_id,
        subject: walletAddress,
        payload: JSON.stringify(payload),
        created_at: now,
        expires_at: expiresAt,
      } as const,
      challenge: {
        challenge_id: challengeId,
        typed_data: typedData.parse(buildWalletChallenge(toSignable(payload, user_id, walletAddress))),
        expires_at: payload.expires_at,
      },
    };
  },
  write: async (trx, { row, challenge }) => {
    await insertOneTimeToken(trx, row);
    return challenge;
  },
});

/**
 * The hash that the wallet has to have signed, made from our own copy of a challenge of this user for this address. The
 * challenge can still be used.
 *
 * @throws AppError WALLET_CHALLENGE_INVALID
 */
export async function getChallengeHash(
  deps: ChallengeDependencies,
  challenge: { readonly id: string; readonly wallet_address: string },
): Promise<string> {
  const { user_id } = deps.actor;
  const token = { token_hash: hashToken(challenge.id), purposes: [purpose], now: deps.clock() } as const;
  const row = await findOneTimeToken(deps.db, token);
  if (row?.user_id !== user_id || row.subject !== challenge.wallet_address) throw challengeInvalid();
  const payload = challengePayload.parse(row.payload);
  return hashWalletChallenge(toSignable(payload, user_id, challenge.wallet_address));
}

/**
 * Uses a challenge up: of parallel uses only one gets through.
 *
 * @throws AppError WALLET_CHALLENGE_INVALID when it was used, or has expired
 */
export async function takeChallenge(
  trx: DatabaseTransaction,
  challenge: { readonly id: string; readonly now: Date },
): Promise<void> {
  const token = { token_hash: hashToken(challenge.id), purpose, now: challenge.now } as const;
  if ((await takeOneTimeToken(trx, token)) === undefined) throw challengeInvalid();
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

function challengeInvalid(): AppError {
  return new AppError("WALLET_CHALLENGE_INVALID", undefined);
}
