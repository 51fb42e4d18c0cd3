import { z } from "zod";
import { felt, starknetAddress, timestamp } from "../common.schema.ts";

/** Folded (NFKC, trimmed, lower-cased) before it is checked, so that one mailbox has one spelling. */
export const email = z
  .string()
  .normalize("NFKC")
  .trim()
  .toLowerCase()
  .max(254)
  .check(z.email("use an email address such as ada@example.org"));

export const newPassword = z
  .string()
  .min(8, "use at least 8 characters")
  .max(256, "use at most 256 characters")
  .describe("8 to 256 characters; 15 or more are recommended");

export const registerInput = z
  .object({
    email,
    password: newPassword,
    full_name: z
      .string()
      .trim()
      .min(1, "tell us your name")
      .max(200)
      .regex(/^\P{Cc}*$/u, "leave out control characters"),
  })
  .meta({
    id: "RegisterInput",
    examples: [
      { email: "ada@example.org", password: "correct horse battery staple", full_name: "Ada Lovelace" },
    ],
  });
export type RegisterInput = z.output<typeof registerInput>;

export const loginInput = z.object({ email, password: z.string().min(1).max(1024) }).meta({
  id: "LoginInput",
  examples: [{ email: "ada@example.org", password: "correct horse battery staple" }],
});
export type LoginInput = z.output<typeof loginInput>;

export const refreshInput = z
  .object({ refresh_token: z.string().min(1).max(256) })
  .meta({ id: "RefreshInput" });
export type RefreshInput = z.output<typeof refreshInput>;

export const tokens = z
  .object({
    access_token: z.string().describe("JWT for the Authorization header"),
    token_type: z.literal("bearer"),
    expires_in: z.int().positive().describe("Seconds until the access token expires"),
    refresh_token: z.string().describe("Single use; exchange it for the next pair"),
  })
  .meta({ id: "Tokens" });
export type Tokens = z.output<typeof tokens>;

export const user = z
  .object({
    id: z.uuid(),
    email: z.string(),
    full_name: z.string(),
    wallet_address: z.string().nullable().describe("Linked Starknet wallet, 66-character lower-case form"),
    is_verified: z.boolean().describe("Whether the email address has been confirmed"),
    created_at: timestamp,
  })
  .meta({ id: "User" });
export type User = z.output<typeof user>;

export const walletChallengeInput = z
  .object({ wallet_address: starknetAddress })
  .meta({ id: "WalletChallengeInput" });
export type WalletChallengeInput = z.output<typeof walletChallengeInput>;

/** SNIP-12 revision 1 typed data, as `account.signMessage` of a Starknet wallet takes it. */
export const typedData = z
  .object({
    types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
    primaryType: z.string(),
    domain: z.record(z.string(), z.string()),
    message: z.record(z.string(), z.union([z.string(), z.number()])),
  })
  .meta({ id: "TypedData" });
export type TypedData = z.output<typeof typedData>;

export const walletChallenge = z
  .object({
    challenge_id: z.uuid(),
    typed_data: typedData.describe("Pass to the wallet's signMessage"),
    expires_at: timestamp,
  })
  .meta({ id: "WalletChallenge" });
export type WalletChallenge = z.output<typeof walletChallenge>;

export const connectWalletInput = z
  .object({
    challenge_id: z.uuid(),
    wallet_address: starknetAddress,
    signature: z
      .array(felt)
      .min(1)
      .max(128)
      .describe("The wallet's signature of typed_data, untouched: whatever number of felts it gave"),
  })
  .meta({ id: "ConnectWalletInput" });
export type ConnectWalletInput = z.output<typeof connectWalletInput>;
