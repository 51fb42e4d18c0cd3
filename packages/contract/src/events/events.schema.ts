import { z } from "zod";
import { protocolStatus } from "../analytics/analytics.schema.ts";
import { whole } from "../figures/figures.ts";

/**
 * Everything that the service tells of after it has happened. What changes data appends its events in the same
 * transaction; whoever has to react follows the events. Payloads outlive accounts, so they never say anything personal:
 * ids only.
 */
export const eventCatalogue = {
  "user.registered": defineEvent("a user id", z.strictObject({})),
  "session.ended": defineEvent(
    "a session id",
    z.strictObject({ user_id: z.uuid(), reason: z.string().min(1).max(100) }),
  ),
  "api_key.created": defineEvent("an API key's id", z.strictObject({ user_id: z.uuid() })),
  "api_key.revoked": defineEvent(
    "an API key's id",
    z.strictObject({
      user_id: z.uuid(),
      reason: z.enum([
        "revoked by the user",
        "given up by its agent",
        "refresh token replayed",
        "password changed",
        "password reset",
        "deletion scheduled",
        "account erased",
      ]),
    }),
  ),
  /** A member of an organisation has another role. */
  "member.role_changed": defineEvent("a user id", z.strictObject({})),
  /** A member of an organisation is one no more, however that came. */
  "member.removed": defineEvent("a user id", z.strictObject({})),
  "password.changed": defineEvent("a user id", z.strictObject({ user_id: z.uuid() })),
  /** By an emailed link. */
  "password.reset": defineEvent("a user id", z.strictObject({ user_id: z.uuid() })),
  "wallet.linked": defineEvent(
    "a user id",
    z.strictObject({
      state: z.enum(["deployed", "counterfactual"]),
      /** Of the audit log, whose details have the address: it is personal, and goes with the account. */
      audit_event_id: z.uuid(),
    }),
  ),
  "transaction.logged": defineEvent(
    "a transaction id",
    z.strictObject({
      tx_type: z.enum(["deposit", "withdraw", "allocate", "rebalance"]),
      suggestion_id: z.uuid().nullable(),
    }),
  ),
  "transaction.status_changed": defineEvent(
    "a transaction id",
    z.strictObject({ status: z.enum(["confirmed", "failed", "not_found", "unverified"]) }),
  ),
  "forecasts.published": defineEvent(
    "a model version",
    z.strictObject({
      kind: z.enum(["risk", "yield"]),
      source: z.string(),
      import_id: z.uuid(),
      count: whole("forecasts").min(0).describe("How many were made"),
    }),
  ),
  /** Forecasts have got their outcomes. */
  "outcomes.recorded": defineEvent(
    "an import id",
    z.strictObject({ source: z.string(), recorded_at: z.iso.datetime(), count: z.int().min(1) }),
  ),
  "suggestion.made": defineEvent(
    "a suggestion id",
    z.strictObject({
      outcome: z.enum(["rebalance", "hold"]),
      /** The service has made it of its own accord, because the owner's preferences ask for that. */
      unasked: z.literal(true).optional(),
    }),
  ),
  "model.promoted": defineEvent(
    "a model version",
    z.strictObject({ kind: z.enum(["risk", "yield"]), source: z.string(), decision_id: z.uuid() }),
  ),
  "market_data.imported": defineEvent(
    "an import id",
    z.strictObject({
      source: z.string(),
      markets: whole("markets").min(0).describe("How many were observed"),
      observed_until: z.iso.datetime(),
    }),
  ),
  "protocol.status_set": defineEvent(
    "a protocol's name",
    z.strictObject({
      decision_id: z.uuid(),
      /** `registry` when an operator handed the decision back. */
      decided_by: z.enum(["operator", "registry"]),
      status: protocolStatus,
      status_before: protocolStatus,
    }),
  ),
  "webhook.disabled": defineEvent(
    "a webhook id",
    z.strictObject({
      /** `failing`: a delivery has failed for 24 hours, and no other came through meanwhile; `gone`: the receiver said 410. */
      reason: z.enum(["failing", "gone"]),
    }),
  ),
} as const;

/** Closed union of the types of events. */
export type EventType = keyof typeof eventCatalogue;

/** What an event of a type says besides what it happened to. */
export type EventPayload<TType extends EventType> = z.output<(typeof eventCatalogue)[TType]["payload"]>;

/** One kind of event. */
export interface EventDefinition<TPayload extends z.ZodType> {
  /** What the event's `subject` is. */
  readonly subject: string;
  readonly payload: TPayload;
}

function defineEvent<TPayload extends z.ZodType>(
  subject: string,
  payload: TPayload,
): EventDefinition<TPayload> {
  return { subject, payload };
}
