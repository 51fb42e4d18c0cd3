import type { Alert } from "../mail/alert.ts";
import type { Email } from "../mail/email.ts";

type EmailOf<TTemplate extends Email["template"]> = Extract<Email, { template: TTemplate }>;

const to = "ada@example.org";
const new_email = "lovelace@example.org";
const at = "2026-01-15T12:34:56.000Z";

/** The token of the links in the example mails. */
export const exampleToken = "c2VjcmV0LXRva2VuLW9mLTMyLWJ5dGVzLWluLWJhc2U";

/** An alert of each kind. */
export const exampleAlerts: readonly Alert[] = [
  {
    kind: "risk_above_threshold",
    protocol: "vesu",
    risk_score: 61.5,
    threshold: 60,
    as_of: at,
    figures: { simulated: false, replay: false },
  },
  {
    kind: "risk_forecast_above_threshold",
    protocol: "ekubo",
    risk_score: 64.25,
    current_risk_score: 51,
    threshold: 60,
    target_at: at,
    record: { matured: 3, right: 2 },
    figures: { simulated: false, replay: false },
  },
  {
    kind: "yield_forecast_below_threshold",
    protocol: "vesu",
    apy: 3.125,
    current_apy: 8.5,
    threshold: 4,
    target_at: at,
    record: { matured: 3, right: 2 },
    figures: { simulated: false, replay: false },
  },
  {
    kind: "illiquidity_above_threshold",
    protocol: "vesu",
    symbol: "USDC",
    probability_percent: 62,
    threshold: 50,
    until: at,
    record: { matured: 3, right: 2 },
    figures: { simulated: false, replay: false },
  },
  { kind: "protocol_status", protocol: "nostra", status: "paused", evidence_url: null },
  {
    kind: "suggestion",
    suggestion_id: "0198c0de-0000-7000-8000-000000000001",
    moves: [
      { protocol: "nostra", from_percent: 100, to_percent: 40 },
      { protocol: "vesu", from_percent: 0, to_percent: 60 },
    ],
    record: { matured: 120, right: 104 },
    figures: { simulated: false, replay: false },
  },
  { kind: "transaction_failed", tx_hash: `0x${"0".repeat(60)}5a1d`, tx_type: "deposit", status: "failed" },
  { kind: "webhook_disabled", webhook_id: "0198c0de-0000-7000-8000-000000000002", reason: "failing" },
];

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
  alerts: {
    template: "alerts",
    to,
    alerts: [
      {
        kind: "risk_forecast_above_threshold",
        protocol: "vesu",
        risk_score: 64.25,
        current_risk_score: 51,
        threshold: 60,
        target_at: at,
        record: { matured: 40, right: 26 },
        figures: { simulated: true, replay: false },
      },
    ],
    unsubscription: exampleToken,
  },
  alert_digest: {
    template: "alert_digest",
    to,
    day: "2026-01-15",
    alerts: exampleAlerts,
    unsubscription: exampleToken,
  },
  second_factor_enabled: { template: "second_factor_enabled", to, at },
  second_factor_disabled: { template: "second_factor_disabled", to, at },
  device_remembered: { template: "device_remembered", to, at, ip: "203.0.113.7", user_agent: "curl/8.5.0" },
  passkey_added: { template: "passkey_added", to, at },
  passkey_removed: { template: "passkey_removed", to, at },
  identity_linked: { template: "identity_linked", to, at, provider: "Google", email: to },
  identity_unlinked: { template: "identity_unlinked", to, at, provider: "Google", email: to },
  recovery_codes_renewed: { template: "recovery_codes_renewed", to, at },
  recovery_code_used: { template: "recovery_code_used", to, at, codes_left: 9 },
  organisation_invitation: {
    template: "organisation_invitation",
    to,
    token: exampleToken,
    organisation: "Analytical Engines",
    role: "analyst",
  },
  organisation_notice: {
    template: "organisation_notice",
    to,
    at,
    organisation: "Analytical Engines",
    what: "api_key",
  },
  organisation_deletion_scheduled: {
    template: "organisation_deletion_scheduled",
    to,
    organisation: "Analytical Engines",
    erase_after: at,
  },
  deletion_scheduled: { template: "deletion_scheduled", to, erase_after: at },
};

/** A mail of each kind. */
export const exampleEmails: readonly Email[] = Object.values(byTemplate);
