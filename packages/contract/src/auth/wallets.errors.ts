import { z } from "zod";
import { defineError } from "../define-error.ts";

const deploymentReasons: Readonly<Record<string, string>> = {
  class_unknown:
    "The account's class is not one whose signatures can be checked before it is deployed. Deploy the account first, then link it.",
  address_differs:
    "The deployment does not lead to this address. Check class hash, salt and constructor calldata.",
  constructor_unsupported:
    "The constructor calldata is not that of an account with one Stark key and no guardian. Deploy the account first, then link it.",
};

export const walletsErrors = {
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
    message: () => "The account did not sign this challenge. Ask for a new one and sign it again.",
  }),
  WALLET_NOT_DEPLOYED: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Wallet not deployed",
    details: z.undefined(),
    message: () =>
      "No account contract that can check signatures is deployed at this address. Deploy the account with a first transaction, or send its deployment along.",
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
  WALLET_DEPLOYMENT_INVALID: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Wallet deployment not valid",
    details: z.object({
      reason: z.enum(["class_unknown", "address_differs", "constructor_unsupported"]),
    }),
    message: ({ reason }) => deploymentReasons[reason] ?? reason,
  }),
  WALLET_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such wallet",
    details: z.undefined(),
    message: () => "You have linked no wallet with this address.",
  }),
  WALLET_LIMIT_REACHED: defineError({
    trpcCode: "CONFLICT",
    title: "Too many wallets",
    details: z.object({ limit: z.int() }),
    message: ({ limit }) => `You have linked ${limit} wallets, which is the most. Unlink one first.`,
  }),
} as const;
