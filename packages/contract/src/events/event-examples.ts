import type { EventPayload, EventType } from "./events.schema.ts";

/** What an event of each type that callers see may look like: what it happened to, and what it says besides. */
export const eventExamples = {
  "forecasts.published": {
    subject: "risk-9e19be1751530bf95cc964f2",
    payload: {
      kind: "risk",
      source: "defillama",
      import_id: "01a22c31-2f10-7000-8000-5d1c3b7a9e02",
      count: 128,
    },
  },
  "model.promoted": {
    subject: "yield-0b9ed8d95827e8f3e2a999d8",
    payload: { kind: "yield", source: "defillama", decision_id: "01a22c31-3b44-7000-8000-0c9e5f21ab7d" },
  },
  "market_data.imported": {
    subject: "01a22c31-2f10-7000-8000-5d1c3b7a9e02",
    payload: { source: "defillama", markets: 64, observed_until: "2026-11-29T00:00:00.000Z" },
  },
  "protocol.status_set": {
    subject: "zklend",
    payload: {
      decision_id: "01a22c31-4e90-7000-8000-93d2c6f5b810",
      decided_by: "operator",
      status: "exploited",
      status_before: "active",
    },
  },
  "suggestion.made": {
    subject: "01a22c31-5a02-7000-8000-e7f4a1b2c3d4",
    payload: { outcome: "rebalance", unasked: true },
  },
  "transaction.logged": {
    subject: "01a22c31-7134-7000-8000-0175cc6df25d",
    payload: { tx_type: "deposit", suggestion_id: null },
  },
  "transaction.status_changed": {
    subject: "01a22c31-7134-7000-8000-0175cc6df25d",
    payload: { status: "confirmed" },
  },
  "session.ended": {
    subject: "01a22c31-6c18-7000-8000-4b8d2e9f0a61",
    payload: { user_id: "01a22c31-0a5e-7000-8000-1f6e8d3c2b7a", reason: "logged out" },
  },
  "api_key.created": {
    subject: "01a22c31-6d77-7000-8000-b5c0d9e8f7a6",
    payload: { user_id: "01a22c31-0a5e-7000-8000-1f6e8d3c2b7a" },
  },
  "api_key.revoked": {
    subject: "01a22c31-6d77-7000-8000-b5c0d9e8f7a6",
    payload: { user_id: "01a22c31-0a5e-7000-8000-1f6e8d3c2b7a", reason: "revoked by the user" },
  },
  "password.changed": {
    subject: "01a22c31-0a5e-7000-8000-1f6e8d3c2b7a",
    payload: { user_id: "01a22c31-0a5e-7000-8000-1f6e8d3c2b7a" },
  },
  "password.reset": {
    subject: "01a22c31-0a5e-7000-8000-1f6e8d3c2b7a",
    payload: { user_id: "01a22c31-0a5e-7000-8000-1f6e8d3c2b7a" },
  },
  "wallet.linked": {
    subject: "01a22c31-0a5e-7000-8000-1f6e8d3c2b7a",
    payload: { state: "deployed", audit_event_id: "01a22c31-6ef3-7000-8000-2a1b0c9d8e7f" },
  },
} as const satisfies { readonly [TType in EventType]?: { subject: string; payload: EventPayload<TType> } };
