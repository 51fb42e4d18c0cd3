import { z } from "zod";
import { defineError } from "../define-error.ts";

export const authErrors = {
  EMAIL_TAKEN: defineError({
    trpcCode: "CONFLICT",
    title: "Email already registered",
    details: z.undefined(),
    message: () => "An account with this email already exists. Log in instead.",
  }),
  CREDENTIALS_INVALID: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Wrong email or password",
    details: z.undefined(),
    message: () => "The email or the password is wrong.",
  }),
  REFRESH_TOKEN_INVALID: defineError({
    trpcCode: "UNAUTHORIZED",
    title: "Refresh token not valid",
    details: z.undefined(),
    message: () => "The refresh token is unknown, used, expired or revoked. Log in again.",
  }),
  WALLET_ADDRESS_INVALID: defineError({
    trpcCode: "BAD_REQUEST",
    title: "Wallet address not valid",
    details: z.object({ reason: z.string() }),
    message: ({ reason }) => `The wallet address is not a Starknet account address: ${reason}.`,
  }),
  WALLET_CHALLENGE_INVALID: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Wallet challenge not valid",
    details: z.undefined(),
    message: () => "The challenge is unknown, used, expired or for another wallet. Ask for a new one.",
  }),
  WALLET_SIGNATURE_INVALID: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Wallet signature not valid",
    details: z.undefined(),
    message: () =>
      "The account contract did not accept the signature. Ask for a new challenge and sign it again.",
  }),
  WALLET_NOT_DEPLOYED: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Wallet not deployed",
    details: z.undefined(),
    message: () =>
      "No account contract that can check signatures is deployed at this address. Deploy the account with a first transaction, then link it.",
  }),
  WALLET_TAKEN: defineError({
    trpcCode: "CONFLICT",
    title: "Wallet linked elsewhere",
    details: z.undefined(),
    message: () => "This wallet is linked to another account. Unlink it there first.",
  }),
  CHAIN_NOT_CONFIGURED: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Starknet not configured",
    details: z.undefined(),
    message: () =>
      "This server is not connected to a Starknet node, so it cannot link wallets. Its operator has to set STARKNET_RPC_URL.",
  }),
  CHAIN_UNAVAILABLE: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Starknet unavailable",
    details: z.undefined(),
    message: () => "Starknet cannot be asked right now, so the wallet was not checked. Try again later.",
  }),
} as const;
