import { agentRequestLengthMax, eventTopic, scope, type WhatIfInput, whatIfExample } from "@obsqra/contract";

/** What inputs may refer to. */
export interface CostWorld {
  /** Of somebody who signs in; not of who asks, since old sessions end with many new ones. */
  readonly email: string;
  readonly password: string;
  readonly refresh_token: string;
  /** Of an export that was begun. */
  readonly exportCursor: string;
}

/** @param number one that no input had before */
type MakeInput = (world: CostWorld, number: number) => unknown;

const nothing: MakeInput = () => undefined;
const page: MakeInput = () => ({ limit: 100 });
const series: MakeInput = () => ({ limit: 1_000 });
const id = "019bc186-de00-7000-8000-a19af8b2bbf6";
const longText = "ä".repeat(100);
const token = "x".repeat(43);
const longCode = "x".repeat(64);
/** Base64url of bytes that are nothing, so that all of it is read before it is refused. */
const longBytes = (length: number) => "A".repeat(length);
const clientDataJSON = Buffer.from(JSON.stringify({ challenge: token, x: longBytes(3_000) })).toString(
  "base64url",
);
const longCredential = { id: longBytes(1_364), rawId: longBytes(1_364), type: "public-key" };
const longAssertion = {
  clientDataJSON,
  authenticatorData: longBytes(4_096),
  signature: longBytes(4_096),
};
const longAttestation = { clientDataJSON, attestationObject: longBytes(16_384) };
const felt = `0x${"7".repeat(63)}`;
const manyNames = Array.from({ length: 64 }, (_, number) => `protocol-${number}-${"x".repeat(40)}`);

const webhookTopics = eventTopic.options;
/** The name leads nowhere. */
const longUrl = (number: number) => `https://hooks.invalid/${number}/`.padEnd(2_048, "x");

/** As many values and bytes as may be, which costs whoever reads and hashes them the most. */
export const manyValues = {
  values: Array.from({ length: 999 }, (_, number) => `äö ${number} x`),
};

/** The input that each endpoint has to do the most for, as far as the contract takes it. */
export const mostExpensiveInputs: Readonly<Record<string, MakeInput>> = {
  "auth.register": ({ password }, number) => ({
    email: `${"x".repeat(40)}${number}@${"x".repeat(40)}.example.org`,
    password: password + longText.slice(0, 60),
    full_name: longText,
  }),
  "auth.login": ({ email, password }) => ({ email, password }),
  "auth.refresh": () => ({ refresh_token: token }),
  "auth.logout": nothing,
  "auth.me": nothing,
  "auth.sessions": page,
  "auth.revoke_session": () => ({ session_id: id }),
  "auth.logout_everywhere": nothing,
  "auth.reauthenticate": ({ password }) => ({ password }),
  "auth.change_password": ({ password }) => ({
    current_password: password,
    new_password: password,
  }),
  "auth.request_password_reset": ({ email }) => ({ email }),
  "auth.reset_password": ({ password }) => ({ token, new_password: password }),
  "auth.request_email_verification": nothing,
  "auth.verify_email": () => ({ token }),
  "auth.request_email_change": ({ password }, number) => ({
    new_email: `new${number}@example.org`,
    password,
  }),
  "auth.confirm_email_change": () => ({ token }),
  "auth.wallet_challenge": () => ({ wallet_address: felt }),
  "auth.connect_wallet": () => ({ challenge_id: id, wallet_address: felt, signature: [felt, felt] }),
  "auth.wallets": page,
  "auth.set_primary_wallet": () => ({ wallet_address: felt }),
  "auth.unlink_wallet": () => ({ wallet_address: felt }),
  "auth.api_keys": page,
  "auth.create_api_key": () => ({ name: longText.slice(0, 40), scopes: scope.options }),
  "auth.allow_agent": () => ({ request: "x".repeat(agentRequestLengthMax) }),
  "auth.revoke_api_key": () => ({ api_key_id: id }),
  "auth.complete_login": () => ({ challenge: "x".repeat(256), code: longCode }),
  "auth.passkey_challenge": nothing,
  "auth.login_with_passkey": () => ({ passkey: { ...longCredential, response: longAssertion } }),
  "auth.passkeys": page,
  "auth.set_up_passkey": nothing,
  "auth.add_passkey": () => ({
    name: longText.slice(0, 40),
    passkey: { ...longCredential, response: longAttestation },
  }),
  "auth.rename_passkey": () => ({ passkey_id: id, name: longText.slice(0, 40) }),
  "auth.remove_passkey": () => ({ passkey_id: id }),
  "auth.identity_providers": nothing,
  "auth.begin_identity_login": () => ({ provider: "test" }),
  "auth.login_with_identity": () => ({ attempt: "x".repeat(256), answer: "x".repeat(4096) }),
  "auth.identities": page,
  "auth.begin_identity_link": () => ({ provider: "test" }),
  "auth.link_identity": () => ({ attempt: "x".repeat(256), answer: "x".repeat(4096) }),
  "auth.unlink_identity": () => ({ identity_id: id }),
  "auth.second_factor": nothing,
  "auth.set_up_totp": nothing,
  "auth.confirm_totp": () => ({ code: longCode }),
  "auth.turn_off_second_factor": () => ({ code: longCode }),
  "auth.renew_recovery_codes": () => ({ code: longCode }),
  "auth.remembered_devices": page,
  "auth.forget_device": () => ({ device_id: id }),
  "users.profile": nothing,
  "users.update_profile": () => ({ full_name: longText }),
  "users.update_preferences": () => ({ preferred_protocols: manyNames, rebalance_threshold: 5 }),
  "users.preferences": nothing,
  "users.usage": nothing,
  "organisations.list": page,
  "organisations.create": () => ({ name: longText }),
  "organisations.accept_invitation": () => ({ token }),
  "organisations.get": nothing,
  "organisations.rename": () => ({ name: longText }),
  "organisations.members": page,
  "organisations.change_role": () => ({ user_id: id, role: "owner" }),
  "organisations.remove_member": () => ({ user_id: id }),
  "organisations.leave": nothing,
  "organisations.transfer": () => ({ user_id: id }),
  "organisations.invitations": page,
  "organisations.invite": (_world, number) => ({ email: `invited${number}@example.org`, role: "viewer" }),
  "organisations.revoke_invitation": () => ({ invitation_id: id }),
  "organisations.schedule_deletion": nothing,
  "organisations.cancel_deletion": nothing,
  "users.audit_log": page,
  "users.start_export": nothing,
  "users.export_records": ({ exportCursor }) => ({ limit: 1_000, cursor: exportCursor }),
  "users.export_data": ({ exportCursor }) => ({ limit: 1_000, cursor: exportCursor }),
  "users.schedule_deletion": nothing,
  "users.cancel_deletion": nothing,
  "analytics.markets": () => ({ limit: 1_000 }),
  "analytics.overview": () => ({ days: 90 }),
  "analytics.risk_history": () => ({ limit: 1_000, days: 90, granularity: "market" }),
  "analytics.allocation_history": page,
  "analytics.dashboard": () => ({ days: 90 }),
  "predictions.risk_forecast": () => ({ limit: 1_000, granularity: "market" }),
  "predictions.yield_forecast": () => ({ limit: 1_000, granularity: "market" }),
  "predictions.track_record": series,
  "predictions.track_record_parts": () => ({ limit: 1_000, granularity: "market" }),
  "predictions.forecast_history": () => ({ limit: 1_000, granularity: "market", month: "2020-01" }),
  "predictions.suggestion_history": () => ({ limit: 1_000 }),
  "predictions.models": page,
  "predictions.rebalance_suggestions": page,
  "predictions.run_optimization": () => ({ risk_tolerance: "low" }),
  "predictions.what_if": (_, number) => hardestQuestion(number),
  "receipts.forecast": () => ({ forecast_id: id }),
  "receipts.suggestion": () => ({ suggestion_id: id }),
  "receipts.chains": () => undefined,
  "transactions.create": (_, number) => ({
    tx_hash: `0x${(number + 1_000_000).toString(16)}`,
    tx_type: "deposit",
    amount: `${"9".repeat(78)}.${"9".repeat(18)}`,
    details: manyValues,
  }),
  "transactions.list": () => ({ limit: 100, sort: "highest" }),
  "transactions.entries": page,
  "transactions.get": () => ({ tx_hash: "0x1" }),
  "webhooks.list": page,
  "webhooks.get": () => ({ webhook_id: id }),
  "webhooks.create": (_, number) => ({ url: longUrl(number), topics: webhookTopics }),
  "webhooks.update": (_, number) => ({ webhook_id: id, url: longUrl(number), topics: webhookTopics }),
  "webhooks.rotate_secret": () => ({ webhook_id: id }),
  "webhooks.test": () => ({ webhook_id: id }),
  "webhooks.pause": () => ({ webhook_id: id }),
  "webhooks.resume": () => ({ webhook_id: id }),
  "webhooks.delete": () => ({ webhook_id: id }),
  "webhooks.deliveries": page,
  "webhooks.attempts": page,
  "webhooks.replay": () => ({ delivery_id: id }),
  "webhooks.replay_events": () => ({ webhook_id: id, since: "2026-01-01T00:00:00Z" }),
  "operations.jobs": page,
  "operations.job_runs": page,
  "operations.run_job": () => ({ job: "market.refresh" }),
  "operations.accept_market_feed": nothing,
  "operations.retry_job": () => ({ job: "market.refresh" }),
  "operations.pause_job": () => ({ job: "market.refresh" }),
  "operations.resume_job": () => ({ job: "market.refresh" }),
  "service.version": nothing,
};

/**
 * Fifty markets, all of them held in shares of half a percent, whose yields are near each other, fall with the deposit and have to be
 * weighed against gas: which of them to touch has to be searched for.
 */
export function hardestQuestion(seed: number): WhatIfInput {
  const [example] = whatIfExample.protocols;
  const protocols = Array.from({ length: 50 }, (_, index) => ({
    protocol: `protocol-${index}`,
    symbol: "USDC",
    chain: ["Ethereum", "Starknet", "elsewhere"][index % 3] ?? "",
    tvl_usd: 40_000 + ((index * 7_919 + seed * 13) % 60_000),
    apy: 8 + ((index * 7_919 + seed * 13) % 400) / 100,
    metrics: { ...example.metrics, volatility: (index * 613) % 100, age_days: (index * 97) % 2_000 },
    status: "active" as const,
  }));
  return {
    protocols,
    risk_tolerance: "low",
    current_allocation: Object.fromEntries(
      protocols.map(({ protocol }, index) => [protocol, index === 0 ? 75.5 : 0.5]),
    ),
    amount: "100000",
    limits: { max_share: 15, max_portfolio_risk: 30 },
  };
}
