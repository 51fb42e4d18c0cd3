import { z } from "zod";
import { timestamp } from "../common/common.schema.ts";

/** Folded (NFKC, trimmed, lower-cased) before it is checked, so that one mailbox has one spelling. */
export const email = z
  .string()
  .normalize("NFKC")
  .trim()
  .toLowerCase()
  .max(254)
  .check(z.email("use an email address such as ada@example.org"));

/** Any characters, no rules about their kinds (NIST SP 800-63B, 3.1.1.2). The length counts characters, not UTF-16 units. */
export const newPassword = z
  .string()
  .max(256, "use at most 256 characters")
  .refine((password) => [...password].length >= 8, "use at least 8 characters")
  .regex(/^\P{Cs}*$/u, "leave out broken characters")
  .describe("8 to 256 characters; 15 or more are recommended. Common passwords are refused");

/** As people write their names: any script, no control characters, no halves of a character. */
export const fullName = z
  .string()
  .trim()
  .min(1, "tell us your name")
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "leave out control characters and broken ones");

export const registerInput = z
  .object({
    email,
    password: newPassword,
    full_name: fullName,
  })
  .meta({
    id: "RegisterInput",
    examples: [
      { email: "ada@example.org", password: "correct horse battery staple", full_name: "Ada Lovelace" },
    ],
  });
export type RegisterInput = z.output<typeof registerInput>;

/** A password to compare: whatever older rules have let through. */
export const existingPassword = z.string().min(1).max(1024);

export const loginInput = z.object({ email, password: existingPassword }).meta({
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
    wallet_address: z
      .string()
      .nullable()
      .describe("The primary linked Starknet wallet, 66-character lower-case form"),
    is_verified: z.boolean().describe("Whether the email address has been confirmed"),
    created_at: timestamp,
  })
  .meta({ id: "User" });
export type User = z.output<typeof user>;
