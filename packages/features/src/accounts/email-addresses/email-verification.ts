import { type EmailDependencies, type NewEmailRow, prepareEmail } from "../../mail/outbox.service.ts";
import { type NewOneTimeTokenRow, prepareOneTimeToken } from "../one-time-tokens/one-time-token.ts";

/** What has to be stored for a link that confirms an address. */
export interface NewEmailVerification {
  readonly oneTimeToken: NewOneTimeTokenRow;
  readonly mail: NewEmailRow;
}

/** Makes the link that confirms the address of an account, and the mail with it. Nothing is stored yet. */
export function prepareEmailVerification(
  deps: EmailDependencies & { readonly randomBytes: (size: number) => Uint8Array },
  account: { readonly id: string; readonly email: string },
): NewEmailVerification {
  const { token, row } = prepareOneTimeToken(deps, {
    purpose: "email_verification",
    user_id: account.id,
    email: account.email,
  });
  const email = { template: "email_verification", to: account.email, token } as const;
  return { oneTimeToken: row, mail: prepareEmail(deps, account.id, email) };
}
