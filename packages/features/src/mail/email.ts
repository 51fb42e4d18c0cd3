import type { Alert } from "./alert.ts";

/** A mail that the service sends: which one, to whom, and what it needs. */
export type Email =
  | { readonly template: "email_verification"; readonly to: string; readonly token: string }
  | { readonly template: "password_reset"; readonly to: string; readonly token: string }
  | {
      readonly template: "password_changed";
      readonly to: string;
      readonly at: string;
      /** Undefined in mail that an earlier version of the server has written. */
      readonly api_keys?: "revoked" | "kept";
      /** Where there were any, and it was a reset. */
      readonly passkeys?: "removed";
      /** Where there were any, and it was a reset. */
      readonly identities?: "unlinked";
      /** Where there was one, and it was a reset that has shown for the first time whose the address is. */
      readonly second_factor?: "turned off";
    }
  | {
      readonly template: "api_key_created";
      readonly to: string;
      readonly at: string;
      /** No more such mails come on the same day. */
      readonly is_last?: true;
      readonly prefix: string;
      readonly scopes: readonly string[];
      readonly expires_at: string;
      /** Where an agent has its user sent back to, if the key is one that an agent renews. */
      readonly agent_host?: string;
    }
  | {
      readonly template: "wallet_linked";
      readonly to: string;
      readonly at: string;
      /** No more such mails come on the same day. */
      readonly is_last?: true;
      readonly wallet_address: string;
    }
  | {
      readonly template: "webhook_created";
      readonly to: string;
      readonly at: string;
      /** No more such mails come on the same day. */
      readonly is_last?: true;
      readonly topics: readonly string[];
    }
  | {
      readonly template: "email_change_old";
      readonly to: string;
      readonly token: string;
      readonly new_email: string;
    }
  | {
      readonly template: "organisation_invitation";
      readonly to: string;
      readonly token: string;
      readonly organisation: string;
      readonly role: string;
    }
  | {
      /** Something acts for an organisation from now on. */
      readonly template: "organisation_notice";
      readonly to: string;
      readonly at: string;
      /** No more such mails come on the same day. */
      readonly is_last?: true;
      readonly organisation: string;
      readonly what: "api_key" | "webhook";
    }
  | {
      readonly template: "organisation_deletion_scheduled";
      readonly to: string;
      readonly organisation: string;
      readonly erase_after: string;
    }
  | { readonly template: "email_change_new"; readonly to: string; readonly token: string }
  | { readonly template: "email_change_notice"; readonly to: string; readonly new_email: string }
  | { readonly template: "email_changed"; readonly to: string; readonly new_email: string }
  | { readonly template: "email_in_use"; readonly to: string }
  | {
      readonly template: "new_device";
      readonly to: string;
      readonly at: string;
      /** Undefined where the password was given. */
      readonly method?: "passkey" | "identity";
      readonly ip: string | null;
      readonly user_agent: string | null;
    }
  | { readonly template: "second_factor_enabled"; readonly to: string; readonly at: string }
  | { readonly template: "second_factor_disabled"; readonly to: string; readonly at: string }
  | {
      readonly template: "device_remembered";
      readonly to: string;
      readonly at: string;
      readonly ip: string | null;
      readonly user_agent: string | null;
    }
  | { readonly template: "passkey_added"; readonly to: string; readonly at: string }
  | { readonly template: "passkey_removed"; readonly to: string; readonly at: string }
  | {
      readonly template: "identity_linked";
      readonly to: string;
      readonly at: string;
      /** As people know it. */
      readonly provider: string;
      /** The address of the identity. */
      readonly email: string;
    }
  | {
      readonly template: "identity_unlinked";
      readonly to: string;
      readonly at: string;
      readonly provider: string;
      readonly email: string;
    }
  | { readonly template: "recovery_codes_renewed"; readonly to: string; readonly at: string }
  | {
      readonly template: "recovery_code_used";
      readonly to: string;
      readonly at: string;
      readonly codes_left: number;
    }
  | { readonly template: "deletion_scheduled"; readonly to: string; readonly erase_after: string }
  | {
      readonly template: "alerts";
      readonly to: string;
      readonly alerts: readonly Alert[];
      /** Of the link that ends alerts. */
      readonly unsubscription: string;
      /** Whose alerts they are, where they are an organisation's. */
      readonly organisation?: string;
    }
  | {
      readonly template: "alert_digest";
      readonly to: string;
      /** In UTC, `2026-01-15`. */
      readonly day: string;
      readonly alerts: readonly Alert[];
      readonly unsubscription: string;
      readonly organisation?: string;
    };

/** What tells the owner of an account that something acts for it from now on. */
export type OwnerNotice = Extract<
  Email,
  { template: "api_key_created" | "wallet_linked" | "webhook_created" | "organisation_notice" }
>;
