import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import {
  confirmEmailChangeInput,
  emailChange,
  requestEmailChangeInput,
  verifyEmailInput,
} from "./email-addresses.schema.ts";

export const emailAddressesEndpoints = {
  request_email_verification: defineEndpoint({
    kind: "mutation",
    access: "session",
    weight: 10,
    rest: { method: "POST", path: "/auth/request-email-verification", status: 204 },
    summary: "Have the link that confirms your address sent again",
    description: "Registering sends the first one. Nothing is sent to a confirmed address.",
    input: z.undefined(),
    output: z.undefined(),
    errors: ["TOO_MANY_ATTEMPTS"],
  }),
  verify_email: defineEndpoint({
    kind: "mutation",
    access: "public",
    rest: { method: "POST", path: "/auth/verify-email", status: 204 },
    summary: "Confirm your address with the token of the emailed link",
    input: verifyEmailInput,
    output: z.undefined(),
    errors: ["ONE_TIME_TOKEN_INVALID"],
  }),
  request_email_change: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    weight: 10,
    rest: { method: "POST", path: "/auth/request-email-change", status: 204 },
    summary: "Change your address; both the new and the old one have to confirm it",
    description:
      "Sends a link to each. An old address that was never confirmed is only told. The response is the same whether or not the new address has an account; if it has, its owner is told and nothing changes.",
    input: requestEmailChangeInput,
    output: z.undefined(),
    errors: ["TOO_MANY_ATTEMPTS"],
  }),
  confirm_email_change: defineEndpoint({
    kind: "mutation",
    access: "public",
    rest: { method: "POST", path: "/auth/confirm-email-change", status: 200 },
    summary: "Confirm a change of address with the token of an emailed link",
    input: confirmEmailChangeInput,
    output: emailChange,
    errors: ["ONE_TIME_TOKEN_INVALID"],
  }),
} as const;
