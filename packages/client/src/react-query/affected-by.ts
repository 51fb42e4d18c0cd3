import type { LiveEvent } from "../router.ts";

/** What an event changes: whole features, or procedures as `feature.name`. */
type Paths = readonly string[];

const forecasts = ["predictions", "receipts"];
const market = ["analytics", "predictions"];
const transactions = ["transactions", "analytics.allocation_history", "analytics.dashboard"];
const account = ["users.audit_log"];
const apiKeys = ["auth.api_keys", ...account];
const all = [
  "analytics",
  "auth",
  "predictions",
  "receipts",
  "transactions",
  "users",
  "operations",
  "webhooks",
];

const paths: { readonly [TType in LiveEvent["type"]]: Paths } = {
  // What is told begins here: whatever was read before may have changed since.
  "stream.opened": all,
  "stream.position": [],
  "forecasts.published": forecasts,
  "model.promoted": forecasts,
  "market_data.imported": market,
  "protocol.status_set": market,
  "suggestion.made": ["predictions.rebalance_suggestions"],
  "transaction.logged": transactions,
  "transaction.status_changed": transactions,
  "session.ended": ["auth.sessions", ...account],
  "api_key.created": apiKeys,
  "api_key.revoked": apiKeys,
  "password.changed": ["auth", ...account],
  "password.reset": ["auth", ...account],
  "wallet.linked": ["auth.wallets", "auth.me", "users"],
};

/** The features and procedures whose queries an event makes out of date; none for types that came later than this client. */
export function affectedBy(type: string): Paths {
  return Object.hasOwn(paths, type) ? paths[type as LiveEvent["type"]] : [];
}
