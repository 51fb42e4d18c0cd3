import { z } from "zod";
import { characters, lineOfText } from "../common/characters.ts";
import { timestamp } from "../common/common.schema.ts";
import { emailAddress } from "../common/email-address.ts";
import { whole } from "../figures/figures.ts";

export const email = emailAddress().describe(
  "Domains of every script are taken, and come back as DNS has them, such as xn--bcher-kva.example",
);

/** Any characters, no rules about their kinds (NIST SP 800-63B, 3.1.1.2). */
export const newPassword = characters(8, 256).describe(
  "8 to 256 characters; 15 or more are recommended. Common passwords are refused",
);

/** As people write their names. */
export const fullName = lineOfText(200);

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

export const loginInput = z
  .object({
    email,
    password: existingPassword,
    device_token: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe("Of a remembered device, from auth.complete_login: stands in for the second factor"),
  })
  .meta({
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
    expires_in: whole("seconds").positive().describe("Seconds until the access token expires"),
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
