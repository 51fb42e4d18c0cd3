import type { Event } from "@obsqra/platform";
import { z } from "zod";

/** What of an event alerts are written from, as it is stored until everybody is told. Ids only. */
export const alertCause = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("market_data"), import_id: z.string() }),
  z.strictObject({ kind: z.literal("risk_forecasts"), import_id: z.string(), model_version: z.string() }),
  z.strictObject({ kind: z.literal("yield_forecasts"), import_id: z.string(), model_version: z.string() }),
  z.strictObject({
    kind: z.literal("protocol_status"),
    protocol: z.string(),
    status: z.enum(["paused", "exploited"]),
    decision_id: z.string(),
  }),
  z.strictObject({ kind: z.literal("suggestion"), suggestion_id: z.string() }),
  z.strictObject({
    kind: z.literal("transaction"),
    transaction_id: z.string(),
    status: z.enum(["failed", "not_found"]),
  }),
  z.strictObject({
    kind: z.literal("webhook"),
    webhook_id: z.string(),
    event_id: z.string(),
    reason: z.enum(["failing", "gone"]),
  }),
]);
export type AlertCause = z.output<typeof alertCause>;

/**
 * What somebody may have to be told because of an event; undefined where that is nothing.
 *
 * @param marketSource figures of another source are nobody's concern here
 */
export function toAlertCause(event: Event, marketSource: string): AlertCause | undefined {
  switch (event.type) {
    case "market_data.imported":
      if (event.payload.source !== marketSource) return undefined;
      return { kind: "market_data", import_id: event.subject };
    case "forecasts.published":
      if (event.payload.source !== marketSource) return undefined;
      return {
        kind: `${event.payload.kind}_forecasts`,
        import_id: event.payload.import_id,
        model_version: event.subject,
      };
    case "protocol.status_set": {
      const { status, status_before, decision_id } = event.payload;
      if (status === status_before || (status !== "paused" && status !== "exploited")) return undefined;
      return { kind: "protocol_status", protocol: event.subject, status, decision_id };
    }
    case "suggestion.made":
      // Whoever has asked for it has it already.
      if (event.payload.unasked !== true || event.payload.outcome !== "rebalance") return undefined;
      return { kind: "suggestion", suggestion_id: event.subject };
    case "transaction.status_changed": {
      const { status } = event.payload;
      if (status !== "failed" && status !== "not_found") return undefined;
      return { kind: "transaction", transaction_id: event.subject, status };
    }
    case "webhook.disabled":
      return {
        kind: "webhook",
        webhook_id: event.subject,
        event_id: event.id,
        reason: event.payload.reason,
      };
    case "user.registered":
    case "session.ended":
    case "api_key.created":
    case "api_key.revoked":
    case "member.role_changed":
    case "member.removed":
    case "password.changed":
    case "password.reset":
    case "wallet.linked":
    case "transaction.logged":
    case "model.promoted":
    case "outcomes.recorded":
      return undefined;
    default:
      return event satisfies never;
  }
}
