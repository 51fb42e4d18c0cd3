import type {
  ListAttemptsInput,
  ListDeliveriesInput,
  ReplayDeliveryInput,
  ReplayEventsInput,
  WebhookAttempt,
  WebhookAttempts,
  WebhookDeliveries,
  WebhookDelivery,
  WebhookInput,
  WebhookMessage,
} from "@obsqra/contract";
import { attemptFailure, eventTypesByTopic } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import type { Actor, CountingDependencies, Event } from "@obsqra/platform";
import {
  AppError,
  chargeActor,
  defineCommand,
  getEventsSince,
  idKey,
  PlanOutdatedError,
  readCursor,
  toPage,
} from "@obsqra/platform";
import { isForOwner } from "../events/follow-events.service.ts";
import {
  type AttemptRow,
  type DeliveryRow,
  findDelivery,
  insertDeliveries,
  listAttempts,
  listDeliveries,
  restartDelivery,
} from "./deliveries.queries.ts";
import { toDeliveryRow, typesOfTopics } from "./queue-events.service.ts";
import { findWebhook, lockWebhook, type WebhookChoice, type WebhookRow } from "./webhooks.queries.ts";
import { assertMayHave, existing, type WebhookDependencies } from "./webhooks.service.ts";

type ReadDependencies = Pick<WebhookDependencies, "db" | "actor">;

const dayMs = 24 * 60 * 60 * 1000;

/** So far back events are replayed, in days, and so long deliveries are kept. */
export const deliveriesKeptDays = 30;

/** After so many events a replay ends, with the next that is of another moment: the caller goes on from there. */
const replaySize = 250;

/** No replay has more, however many events are of one moment. */
const replayMax = 1_000;

/** Sending two messages costs about as much as a call. */
const messagesPerPoint = 2;

/**
 * What was sent to the owner's webhooks, and what is still to be sent.
 *
 * @throws AppError CURSOR_INVALID, WEBHOOK_NOT_FOUND
 */
export async function getDeliveries(
  { db, actor }: ReadDependencies,
  input: ListDeliveriesInput,
): Promise<WebhookDeliveries> {
  const { owner_id } = actor;
  const { webhook_id } = input;
  const view = { list: "webhook_deliveries", owner_id, input };
  const rows = await listDeliveries(db, {
    owner_id,
    webhook_id,
    status: input.status,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
    hidden: hiddenFrom(actor),
  });
  if (rows.length === 0 && webhook_id !== undefined)
    existing(await findWebhook(db, { id: webhook_id, owner_id }));
  const page = toPage(view, rows, (row) => [row.id]);
  return { items: page.items.map(toDelivery), next_cursor: page.next_cursor };
}

/**
 * Each attempt to send to the owner's webhooks.
 *
 * @throws AppError CURSOR_INVALID, WEBHOOK_DELIVERY_NOT_FOUND
 */
export async function getAttempts(
  { db, actor }: ReadDependencies,
  input: ListAttemptsInput,
): Promise<WebhookAttempts> {
  const { owner_id } = actor;
  const { delivery_id } = input;
  const view = { list: "webhook_attempts", owner_id, input };
  const rows = await listAttempts(db, {
    owner_id,
    delivery_id,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
    hidden: hiddenFrom(actor),
  });
  if (rows.length === 0 && delivery_id !== undefined) {
    existingDelivery(await findDelivery(db, { id: delivery_id, owner_id }));
  }
  const page = toPage(view, rows, (row) => [row.id]);
  return { items: page.items.map(toAttempt), next_cursor: page.next_cursor };
}

/**
 * Queues a message that tells of nothing.
 *
 * @throws AppError WEBHOOK_NOT_FOUND, SESSION_REQUIRED, WEBHOOK_NOT_ACTIVE
 */
export const testWebhook = defineCommand({
  plan: async (deps: WebhookDependencies, { webhook_id }: WebhookInput) => {
    const { actor } = deps;
    const now = deps.clock();
    const id = deps.createId();
    const message: WebhookMessage = {
      type: "webhook.test",
      id,
      occurred_at: now.toISOString(),
      subject: webhook_id,
      payload: {},
    };
    const row = {
      id,
      webhook_id,
      owner_id: actor.owner_id,
      event_id: null,
      transaction_id: "0",
      sequence: "0",
      event_type: message.type,
      subject: webhook_id,
      body: JSON.stringify(message),
      created_at: now,
    };
    return { actor, row };
  },
  write: async (trx, { actor, row }) => {
    await lockActive(trx, actor, row.webhook_id);
    await insertDeliveries(trx, [row]);
    return toDelivery({
      ...row,
      status: "pending",
      attempts: 0,
      next_attempt_at: row.created_at,
      ended_at: null,
    });
  },
});

/**
 * Has a delivery sent again.
 *
 * @throws AppError WEBHOOK_DELIVERY_NOT_FOUND, SESSION_REQUIRED, WEBHOOK_NOT_ACTIVE
 */
export const replayDelivery = defineCommand({
  plan: async (deps: WebhookDependencies, { delivery_id: id }: ReplayDeliveryInput) => {
    const { actor } = deps;
    const { webhook_id, event_type } = existingDelivery(
      await findDelivery(deps.db, { id, owner_id: actor.owner_id }),
    );
    // Its webhook may have lost the topic since.
    if (hiddenFrom(actor).includes(event_type)) throw new AppError("WEBHOOK_DELIVERY_NOT_FOUND", undefined);
    return { actor, id, webhook_id, now: deps.clock() };
  },
  write: async (trx, { actor, id, webhook_id, now }) => {
    await lockActive(trx, actor, webhook_id);
    return toDelivery(existingDelivery(await restartDelivery(trx, { id, now })));
  },
});

/**
 * Has all events since a moment sent, whether they were before or not. Each two of them count a point more.
 *
 * @throws AppError WEBHOOK_NOT_FOUND, SESSION_REQUIRED, WEBHOOK_NOT_ACTIVE
 */
export const replayEvents = defineCommand({
  plan: async (
    deps: WebhookDependencies & CountingDependencies & { readonly marketSource: string },
    input: ReplayEventsInput,
    attempt,
  ) => {
    const { actor, marketSource } = deps;
    const { owner_id } = actor;
    const choice = { id: input.webhook_id, owner_id };
    const { topics } = existing(await findWebhook(deps.db, choice));
    const now = deps.clock();
    const since = new Date(Math.max(Date.parse(input.since), now.getTime() - deliveriesKeptDays * dayMs));
    const types = typesOfTopics(topics);
    const events = await getEventsSince(deps, { since, owner_id, types, limit: replayMax + 1 });
    const end = endOfReplay(events);
    const shown = events.slice(0, end).filter((event) => isForOwner(event, { owner_id, marketSource }));
    const rows = shown.map((event) => toDeliveryRow(deps, event, choice));
    // Before anything is queued: calls that come meanwhile are counted after it.
    if (attempt === 1) await chargeActor(deps, actor, Math.ceil(rows.length / messagesPerPoint));
    const next = events[end];
    return { actor, choice, topics, rows, continue_since: next?.occurred_at.toISOString() ?? null };
  },
  write: async (trx, { actor, choice, topics, rows, continue_since }) => {
    const webhook = await lockActive(trx, actor, choice.id);
    if (webhook.topics.join() !== topics.join()) throw new PlanOutdatedError();
    return { queued: await insertDeliveries(trx, rows, { isReplay: true }), continue_since };
  },
});

/** How many of the events a replay sends; the next has another moment, so that nothing is left out between two replays. */
function endOfReplay(events: readonly Event[]): number {
  const timeOf = (index: number) => events[index]?.occurred_at.getTime();
  let end = Math.min(replaySize, events.length);
  while (end < Math.min(replayMax, events.length) && timeOf(end) === timeOf(end - 1)) end += 1;
  return end;
}

/** @throws AppError WEBHOOK_NOT_FOUND, SESSION_REQUIRED, WEBHOOK_NOT_ACTIVE */
async function lockActive(
  trx: DatabaseTransaction,
  actor: Actor,
  id: WebhookChoice["id"],
): Promise<WebhookRow> {
  const webhook = existing(await lockWebhook(trx, { id, owner_id: actor.owner_id }));
  assertMayHave(actor, webhook.topics);
  if (webhook.status !== "active") throw new AppError("WEBHOOK_NOT_ACTIVE", undefined);
  return webhook;
}

/** @throws AppError WEBHOOK_DELIVERY_NOT_FOUND */
function existingDelivery<TRow>(row: TRow | undefined): TRow {
  if (row === undefined) throw new AppError("WEBHOOK_DELIVERY_NOT_FOUND", undefined);
  return row;
}

/** The types of events that an API key is told nothing of. */
function hiddenFrom({ api_key_id }: Actor): readonly string[] {
  return api_key_id === undefined ? [] : eventTypesByTopic.security;
}

function toDelivery(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    webhook_id: row.webhook_id,
    event_type: row.event_type,
    event_id: row.event_id === null ? null : `${row.transaction_id}-${row.sequence}`,
    subject: row.subject,
    status: row.status,
    attempts: row.attempts,
    created_at: row.created_at.toISOString(),
    next_attempt_at: row.next_attempt_at?.toISOString() ?? null,
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}

function toAttempt(row: AttemptRow): WebhookAttempt {
  return {
    id: row.id,
    delivery_id: row.delivery_id,
    webhook_id: row.webhook_id,
    started_at: row.started_at.toISOString(),
    duration_ms: row.duration_ms,
    response_status: row.response_status,
    failure: row.failure === null ? null : attemptFailure.parse(row.failure),
    response_excerpt: row.response_excerpt,
  };
}
