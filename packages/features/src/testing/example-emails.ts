import type { Email } from "../mail/email.ts";

type EmailOf<TTemplate extends Email["template"]> = Extract<Email, { template: TTemplate }>;

const to = "ada@example.org";
const new_email = "lovelace@example.org";
const at = "2026-01-15T12:34:56.000Z";

/** The token of the links in the example mails. */
export const exampleToken = "c2VjcmV0LXRva2VuLW9mLTMyLWJ5dGVzLWluLWJhc2U";

const byTemplate: { readonly [TTemplate in Email["template"]]: EmailOf<TTemplate> } = {
  email_verification: { template: "email_verification", to, token: exampleToken },
  email_in_use: { template: "email_in_use", to },
  email_change_old: { template: "email_change_old", to, token: exampleToken, new_email },
  email_change_new: { template: "email_change_new", to, token: exampleToken },
  email_change_notice: { template: "email_change_notice", to, new_email },
  email_changed: { template: "email_changed", to, new_email },
  password_reset: { template: "password_reset", to, token: exampleToken },
  password_changed: { template: "password_changed", to, at, api_keys: "revoked" },
  api_key_created: {
    template: "api_key_created",
    to,
    at,
    prefix: "obsqra_a1b2c3",
    scopes: ["transactions:read", "analytics:read"],
    expires_at: at,
  },
  wallet_linked: { template: "wallet_linked", to, at, wallet_address: `0x${"0".repeat(60)}5a1d` },
  webhook_created: { template: "webhook_created", to, at, topics: ["suggestions", "transactions"] },
  new_device: {
    template: "new_device",
    to,
    at,
    ip: "203.0.113.7",
    user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  },
  deletion_scheduled: { template: "deletion_scheduled", to, erase_after: at },
};

/** A mail of each kind. */
export const exampleEmails: readonly Email[] = Object.values(byTemplate);
