import { z } from "zod";
import { timestamp } from "../common/common.schema.ts";
import { whole } from "../figures/figures.ts";
import { tokens } from "./auth.schema.ts";
import { passkeyAssertion } from "./passkeys.schema.ts";

/** An answer to the question for a second factor. */
export const factorCode = z
  .string()
  .min(6)
  .max(64)
  .describe("Six digits of the app, or a recovery code. Spaces, hyphens and case make no difference");

/** How the second factor can be shown. */
export const factorMethod = z.enum(["totp", "recovery_code", "passkey"]).meta({ id: "FactorMethod" });
export type FactorMethod = z.output<typeof factorMethod>;

export const secondFactor = z
  .object({
    is_on: z.boolean().describe("Whether signing in takes more than the password"),
    totp_confirmed_at: timestamp.nullable().describe("Since when the app that shows codes counts"),
    recovery_codes_left: whole("codes").nonnegative().describe("Each works once"),
  })
  .meta({ id: "SecondFactor" });
export type SecondFactor = z.output<typeof secondFactor>;

export const totpSetUp = z
  .object({
    secret: z.string().describe("Base32, for typing it into an app. Shown this once"),
    otpauth_uri: z.string().describe("The same as a link that apps open"),
    qr_code_svg: z.string().describe("The same as a picture, for scanning; made here, by no third party"),
  })
  .meta({ id: "TotpSetUp" });
export type TotpSetUp = z.output<typeof totpSetUp>;

export const confirmTotpInput = z
  .object({ code: z.string().min(6).max(64).describe("Six digits of the app that was set up") })
  .meta({ id: "ConfirmTotpInput" });
export type ConfirmTotpInput = z.output<typeof confirmTotpInput>;

export const factorInput = z.object({ code: factorCode }).meta({ id: "FactorInput" });
export type FactorInput = z.output<typeof factorInput>;

export const recoveryCodes = z
  .object({
    recovery_codes: z.array(z.string()).describe("Each stands in for the app once. Shown this once"),
  })
  .meta({ id: "RecoveryCodes" });
export type RecoveryCodes = z.output<typeof recoveryCodes>;

export const completeLoginInput = z
  .object({
    challenge: z.string().min(1).max(256).describe("From the details of SECOND_FACTOR_REQUIRED; works once"),
    code: factorCode.optional().describe("Six digits of the app, or a recovery code"),
    passkey: passkeyAssertion
      .optional()
      .describe("In the place of a code: the challenge, signed by a passkey"),
    remember_device: z
      .boolean()
      .default(false)
      .describe(
        "Whether to get a device_token, so that the second factor is not asked for there for 30 days",
      ),
  })
  .meta({ id: "CompleteLoginInput" });
export type CompleteLoginInput = z.output<typeof completeLoginInput>;

export const completedLogin = tokens
  .extend({
    device_token: z
      .string()
      .nullable()
      .describe("Send it with the next auth.login of this account from here. Null unless it was asked for"),
  })
  .meta({ id: "CompletedLogin" });
export type CompletedLogin = z.output<typeof completedLogin>;
