import { z } from "zod";
import { email } from "./auth.schema.ts";

/** From an emailed link. */
export const oneTimeToken = z.string().min(1).max(256).describe("From the emailed link; works once");

export const verifyEmailInput = z.object({ token: oneTimeToken }).meta({ id: "VerifyEmailInput" });
export type VerifyEmailInput = z.output<typeof verifyEmailInput>;

export const requestEmailChangeInput = z
  .object({ new_email: email })
  .meta({ id: "RequestEmailChangeInput", examples: [{ new_email: "ada.lovelace@example.org" }] });
export type RequestEmailChangeInput = z.output<typeof requestEmailChangeInput>;

export const confirmEmailChangeInput = z
  .object({ token: oneTimeToken })
  .meta({ id: "ConfirmEmailChangeInput" });
export type ConfirmEmailChangeInput = z.output<typeof confirmEmailChangeInput>;

export const emailChange = z
  .object({
    status: z
      .enum(["changed", "waiting"])
      .describe("waiting: the link that was sent to the other address has to be opened, too"),
  })
  .meta({ id: "EmailChange" });
export type EmailChange = z.output<typeof emailChange>;
