import type { TestApi } from "./create-test-api.ts";

/** Adds an attempt, as if a delivery had been sent and refused. */
export async function addWebhookAttempt(
  { deps }: Pick<TestApi, "deps">,
  of: { readonly userId: string; readonly webhookId: string; readonly deliveryId: string },
): Promise<void> {
  await deps.db
    .insertInto("webhook_attempts")
    .values({
      id: deps.createId(),
      delivery_id: of.deliveryId,
      webhook_id: of.webhookId,
      owner_id: of.userId,
      event_type: "webhook.test",
      started_at: deps.clock(),
      duration_ms: 12,
      response_status: 503,
      failure: null,
      response_excerpt: "Back in a minute",
    })
    .execute();
}
