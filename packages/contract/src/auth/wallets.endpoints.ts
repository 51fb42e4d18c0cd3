import { defineEndpoint } from "../endpoints/endpoint.ts";
import { user } from "./auth.schema.ts";
import {
  connectWalletInput,
  listWalletsInput,
  walletChallenge,
  walletChallengeInput,
  walletInput,
  wallets,
} from "./wallets.schema.ts";

export const walletsEndpoints = {
  wallet_challenge: defineEndpoint({
    kind: "mutation",
    access: "session",
    rest: { method: "POST", path: "/auth/wallet-challenge", status: 200 },
    summary: "Get the message to sign for linking a Starknet wallet",
    description: "The challenge works once, for this user and this address, for 10 minutes.",
    input: walletChallengeInput,
    output: walletChallenge,
    errors: ["WALLET_ADDRESS_INVALID", "CHAIN_NOT_CONFIGURED", "CHAIN_UNAVAILABLE"],
  }),
  connect_wallet: defineEndpoint({
    kind: "mutation",
    access: "session",
    weight: 5,
    rest: { method: "POST", path: "/auth/connect-wallet", status: 200 },
    summary: "Link a Starknet wallet by its signature of the challenge",
    description:
      "The account contract itself is asked whether the signature is good. For an account that is not deployed yet, `deployment` has to give its address, and the signature is checked against the key in it. The first wallet becomes the primary one. Linking a wallet again checks it again.",
    input: connectWalletInput,
    output: user,
    errors: [
      "WALLET_ADDRESS_INVALID",
      "WALLET_CHALLENGE_INVALID",
      "WALLET_SIGNATURE_INVALID",
      "WALLET_NOT_DEPLOYED",
      "WALLET_DEPLOYMENT_INVALID",
      "WALLET_TAKEN",
      "WALLET_LIMIT_REACHED",
      "CHAIN_NOT_CONFIGURED",
      "CHAIN_UNAVAILABLE",
    ],
  }),
  wallets: defineEndpoint({
    kind: "query",
    access: "users:read",
    rest: { method: "GET", path: "/auth/wallets", status: 200 },
    summary: "Your linked wallets",
    description: "In the order in which they were linked; is_primary tells the primary one.",
    input: listWalletsInput,
    output: wallets,
    errors: ["CURSOR_INVALID"],
  }),
  set_primary_wallet: defineEndpoint({
    kind: "mutation",
    access: "session",
    rest: { method: "PUT", path: "/auth/wallets/:wallet_address/primary", status: 200 },
    summary: "Make one of your wallets the primary one",
    input: walletInput,
    output: user,
    errors: ["WALLET_ADDRESS_INVALID", "WALLET_NOT_FOUND"],
  }),
  unlink_wallet: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    rest: { method: "DELETE", path: "/auth/wallets/:wallet_address", status: 200 },
    summary: "Unlink a wallet",
    description: "If it was the primary one, the wallet that was linked first of the others takes its place.",
    input: walletInput,
    output: user,
    errors: ["WALLET_ADDRESS_INVALID", "WALLET_NOT_FOUND"],
  }),
} as const;
