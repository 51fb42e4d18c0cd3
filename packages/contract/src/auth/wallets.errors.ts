import { z } from "zod";
import { defineError, retryLater } from "../errors/define-error.ts";

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
    cause: "The address cannot be that of a Starknet account; details.reason says why.",
    remedy: "Pass the address as the wallet gives it.",
    exampleDetails: { reason: "it is not below 2^251 - 256" },
  }),
  WALLET_CHALLENGE_INVALID: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Wallet challenge not valid",
    details: z.undefined(),
    message: () => "The challenge is unknown, used, expired or for another wallet. Ask for a new one.",
    cause: "The challenge was used, is older than 10 minutes, or was made for another user or address.",
    remedy: "Ask for a new one at POST /api/v1/auth/wallet-challenge and have it signed.",
  }),
  WALLET_SIGNATURE_INVALID: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Wallet signature not valid",
    details: z.undefined(),
    message: () => "The account did not sign this challenge. Ask for a new one and sign it again.",
    cause: "The account contract does not accept the signature for the challenge's message.",
    remedy:
      "Pass typed_data to the wallet's signMessage as it came, with the same account, and send the signature untouched.",
  }),
  WALLET_NOT_DEPLOYED: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Wallet not deployed",
    details: z.undefined(),
    message: () =>
      "No account contract that can check signatures is deployed at this address. Deploy the account with a first transaction, or send its deployment along.",
    cause: "No account contract is deployed at this address, so none can check the signature.",
    remedy: "Send the account's deployment along, as the wallet tells it, or deploy the account first.",
  }),
  WALLET_TAKEN: defineError({
    trpcCode: "CONFLICT",
    title: "Wallet linked elsewhere",
    details: z.undefined(),
    message: () => "This wallet is linked to another account. Unlink it there first.",
    cause: "A wallet belongs to one account at a time, and another account has linked this one.",
    remedy: "Unlink it there, then link it here.",
  }),
  CHAIN_NOT_CONFIGURED: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Starknet not configured",
    details: z.undefined(),
    message: () =>
      "This server is not connected to a Starknet node, so it cannot link wallets. Its operator has to set STARKNET_RPC_URL.",
    cause: "The operator has not connected this server to a Starknet node.",
    remedy: "Waiting does not help. The operator has to set STARKNET_RPC_URL.",
  }),
  CHAIN_UNAVAILABLE: defineError({
    trpcCode: "SERVICE_UNAVAILABLE",
    title: "Starknet unavailable",
    details: z.undefined(),
    message: () => "Starknet cannot be asked right now, so the wallet was not checked. Try again later.",
    cause: "The Starknet node does not respond, or responds with errors.",
    remedy: retryLater,
  }),
  WALLET_DEPLOYMENT_INVALID: defineError({
    trpcCode: "UNPROCESSABLE_CONTENT",
    title: "Wallet deployment not valid",
    details: z.object({
      reason: z.enum(["class_unknown", "address_differs", "constructor_unsupported"]),
    }),
    message: ({ reason }) => deploymentReasons[reason] ?? reason,
    cause:
      "The deployment does not prove that the signing key belongs to the address; details.reason says why.",
    remedy:
      "Pass the deployment as the wallet gives it (wallet_deploymentData), or deploy the account first.",
    exampleDetails: { reason: "address_differs" },
  }),
  WALLET_NOT_FOUND: defineError({
    trpcCode: "NOT_FOUND",
    title: "No such wallet",
    details: z.undefined(),
    message: () => "You have linked no wallet with this address.",
    cause: "None of the user's linked wallets has this address.",
    remedy: "Read the addresses from GET /api/v1/auth/wallets.",
  }),
  WALLET_LIMIT_REACHED: defineError({
    trpcCode: "CONFLICT",
    title: "Too many wallets",
    details: z.object({ limit: z.int() }),
    message: ({ limit }) => `You have linked ${limit} wallets, which is the most. Unlink one first.`,
    cause: "The user has linked as many wallets as an account may have.",
    remedy: "Unlink one first.",
    exampleDetails: { limit: 20 },
  }),
} as const;
