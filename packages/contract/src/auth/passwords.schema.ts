import { z } from "zod";
import { email, existingPassword, newPassword } from "./auth.schema.ts";
import { oneTimeToken } from "./email-addresses.schema.ts";
import { passkeyAssertion } from "./passkeys.schema.ts";
import { factorCode } from "./second-factor.schema.ts";

const keepApiKeys = z
  .boolean()
  .default(false)
  .describe("Whether API keys and webhooks go on; otherwise all keys are revoked, and all webhooks paused");

export const reauthenticateInput = z
  .object({
    password: existingPassword.optional().describe("Where the account has no second factor"),
    code: factorCode.optional().describe("Where it has one: six digits of the app, or a recovery code"),
    passkey: passkeyAssertion
      .optional()
      .describe("In the place of both: the challenge of auth.passkey_challenge, signed by a passkey"),
  })
  .meta({ id: "ReauthenticateInput", examples: [{ password: "correct horse battery staple" }] });
export type ReauthenticateInput = z.output<typeof reauthenticateInput>;

export const changePasswordInput = z
  .object({
    current_password: existingPassword
      .optional()
      .describe("Left out by users who have none, such as those whom a provider signs in"),
    new_password: newPassword,
    keep_api_keys: keepApiKeys,
  })
  .meta({ id: "ChangePasswordInput" });
export type ChangePasswordInput = z.output<typeof changePasswordInput>;

export const requestPasswordResetInput = z.object({ email }).meta({ id: "RequestPasswordResetInput" });
export type RequestPasswordResetInput = z.output<typeof requestPasswordResetInput>;

export const resetPasswordInput = z
  .object({ token: oneTimeToken, new_password: newPassword, keep_api_keys: keepApiKeys })
  .meta({ id: "ResetPasswordInput" });
export type ResetPasswordInput = z.output<typeof resetPasswordInput>;
