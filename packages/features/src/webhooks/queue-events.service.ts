import { type EventType, eventTopic, eventTypesByTopic } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import {
  type CreateId,
  type Event,
  type EventReader,
  type EventReaderDependencies,
  readEvents,
} from "@obsqra/platform";
import { isForOwner, toEventMessage } from "../events/follow-events.service.ts";
import { insertDeliveries, type NewDeliveryRow } from "./deliveries.queries.ts";
import { holdListeners, type ListenerRow } from "./queue-events.queries.ts";
import type { WebhookChoice } from "./webhooks.queries.ts";

/** What queueing events uses. */
export interface QueueEventsDependencies extends EventReaderDependencies {
  readonly createId: CreateId;
  readonly marketSource: string;
}

/** Events at a time: each may go to the webhook of everybody, and they are queued in one transaction. */
const batchSize = 100;

/**
 * Queues new events for the webhooks whose topics they are of. Several processes may do so at once: one reads, and each event is
 * queued once for each webhook.
 */
export async function queueEvents(deps: QueueEventsDependencies, signal: AbortSignal): Promise<void> {
  const reader: EventReader = {
    name: "webhooks",
    limit: batchSize,
    handle: (trx, events) => queue(trx, deps, events),
  };
  let read = batchSize;
  while (read === batchSize && !signal.aborted) read = await readEvents(deps, reader);
}

async function queue(
  trx: DatabaseTransaction,
  deps: QueueEventsDependencies,
  events: readonly Event[],
): Promise<void> {
  const followed = events.filter(({ type }) => followedTypes.has(type));
  if (followed.length === 0) return;
  const owners = followed.map(({ owner_id }) => owner_id);
  const named = owners.filter((owner) => owner !== null);
  const listeners = await holdListeners(trx, named.length < owners.length ? undefined : named);
  const told = listeners.map((listener) => ({ listener, types: new Set(typesOfTopics(listener.topics)) }));
  const rows = followed.flatMap((event) =>
    told
      .filter(({ listener, types }) => types.has(event.type) && isTold(event, listener, deps))
      .map(({ listener }) => toDeliveryRow(deps, event, listener)),
  );
  await insertDeliveries(trx, rows);
}

/** A webhook is told of its owner's events and everybody's, and of none from before it was made. */
function isTold(
  event: Event,
  { owner_id, made_by_transaction }: ListenerRow,
  { marketSource }: QueueEventsDependencies,
): boolean {
  if (BigInt(event.position.transaction_id) <= BigInt(made_by_transaction)) return false;
  return isForOwner(event, { owner_id, marketSource });
}

/** The message that tells a webhook of an event. */
export function toDeliveryRow(
  { createId, clock }: Pick<QueueEventsDependencies, "createId" | "clock">,
  event: Event,
  { id: webhook_id, owner_id }: WebhookChoice,
): NewDeliveryRow {
  return {
    id: createId(),
    webhook_id,
    owner_id,
    event_id: event.id,
    ...event.position,
    event_type: event.type,
    subject: event.subject,
    body: JSON.stringify(toEventMessage(event)),
    created_at: clock(),
  };
}

/** The types of events that some topics have; what is no topic of this version has none. */
export function typesOfTopics(topics: readonly string[]): EventType[] {
  return eventTopic.options
    .filter((topic) => topics.includes(topic))
    .flatMap((topic) => eventTypesByTopic[topic]);
}

const followedTypes: ReadonlySet<EventType> = new Set(typesOfTopics(eventTopic.options));
