import type {
  CreateWebhookInput,
  EventTopic,
  ListWebhooksInput,
  NewWebhook,
  UpdateWebhookInput,
  Webhook,
  WebhookInput,
  Webhooks,
} from "@obsqra/contract";
import { eventTopic, secretOverlapHours, webhooksMax } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import { judgeTarget, type TargetRules } from "@obsqra/http";
import type { Actor, CreateId, RequestFacts, Sealer } from "@obsqra/platform";
import { AppError, defineCommand, idKey, readCursor, toPage } from "@obsqra/platform";
import { lockActingAccount } from "../accounts/account-access.service.ts";
import { storeEvent } from "../accounts/audit/audit.service.ts";
import { auditWriter, type OwnerEvent, ownerEvent } from "../accounts/audit/audit-event.ts";
import type { AuthDependencies } from "../accounts/auth-dependencies.ts";
import { noticeWriter, tellOfMade } from "../accounts/email-addresses/owner-notices.ts";
import { dropDeliveriesOfOthers, hastenDeliveries } from "./deliveries.queries.ts";
import { createSecret } from "./message-signature.ts";
import { typesOfTopics } from "./queue-events.service.ts";
import {
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
  lockWebhook,
  updateWebhook,
  type WebhookRow,
} from "./webhooks.queries.ts";

/** What one's own webhooks use. */
export interface WebhookDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly sealer: Sealer;
  readonly actor: Actor;
  readonly request: RequestFacts;
  readonly webhookTargets: TargetRules;
}

const hourMs = 60 * 60 * 1000;

/**
 * The owner's webhooks.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getWebhooks(
  deps: Pick<WebhookDependencies, "db" | "actor">,
  input: ListWebhooksInput,
): Promise<Webhooks> {
  const { owner_id } = deps.actor;
  const view = { list: "webhooks", owner_id, input };
  const rows = await listWebhooks(deps.db, {
    owner_id,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.id]);
  return { items: page.items.map(toWebhook), next_cursor: page.next_cursor };
}

/** @throws AppError WEBHOOK_NOT_FOUND */
export async function getWebhook(
  { db, actor }: Pick<WebhookDependencies, "db" | "actor">,
  { webhook_id }: WebhookInput,
): Promise<Webhook> {
  return toWebhook(existing(await findWebhook(db, { id: webhook_id, owner_id: actor.owner_id })));
}

/**
 * Makes a webhook, and tells the owner of the account by mail.
 *
 * @throws AppError SESSION_REQUIRED, WEBHOOK_URL_REFUSED, WEBHOOK_LIMIT_REACHED
 */
export const createWebhook = defineCommand({
  stillLetsIn: holdsSecret,
  plan: async (deps: WebhookDependencies & AuthDependencies, input: CreateWebhookInput, attempt) => {
    const { actor } = deps;
    const topics = inOrder(input.topics);
    assertMayHave(actor, topics);
    const now = deps.clock();
    const secret = createSecret(deps.randomBytes);
    const row = {
      id: deps.createId(),
      owner_id: actor.owner_id,
      url: readUrl(deps, input.url),
      topics,
      status: "active" as const,
      secret_sealed: deps.sealer.seal(secret),
      created_at: now,
      updated_at: now,
    };
    const mail = attempt === 1 ? await noticeWriter(deps) : undefined;
    return { actor, row, secret, now, mail, audit: auditWriter(deps), max: webhooksMax[actor.plan] };
  },
  write: async (trx, { actor, row, secret, now, mail, audit, max }) => {
    const { email: to } = await lockActingAccount(trx, actor, now);
    const created = await insertWebhook(trx, { row, max });
    if (created === undefined) throw new AppError("WEBHOOK_LIMIT_REACHED", { limit: max });
    const { id, topics } = row;
    const notice = { template: "webhook_created", to, at: now.toISOString(), topics } as const;
    await tellOfMade(trx, { actor, write: mail }, notice);
    const details = { id, host: hostIn(row.url), topics };
    await storeEvent(trx, audit(ownerEvent(actor, { type: "webhook_created", details })));
    return { ...toWebhook(created), secret };
  },
});

/**
 * Changes where a webhook sends to, and what. What is so already changes nothing, and is told to nobody.
 *
 * @throws AppError WEBHOOK_NOT_FOUND, SESSION_REQUIRED, WEBHOOK_URL_REFUSED
 */
export const changeWebhook = defineCommand({
  plan: async (deps: WebhookDependencies, input: UpdateWebhookInput) => {
    const url = input.url === undefined ? undefined : readUrl(deps, input.url);
    const topics = input.topics === undefined ? undefined : inOrder(input.topics);
    return { ...planChange(deps, input), change: { ...(url && { url }), ...(topics && { topics }) } };
  },
  write: async (trx, { change, ...plan }) => {
    const before = await lockOwn(trx, plan);
    assertMayHave(plan.actor, [...before.topics, ...(change.topics ?? [])]);
    const isSame =
      (change.url ?? before.url) === before.url &&
      (change.topics === undefined || change.topics.join() === inOrder(before.topics).join());
    if (isSame) return toWebhook(before);
    const row = await updateWebhook(trx, before.id, { ...change, updated_at: plan.now });
    // What waits of other topics was for the receiver that had them, and later changes may be made by an API key.
    if (change.topics !== undefined) {
      await dropDeliveriesOfOthers(trx, {
        webhook_id: row.id,
        types: [...typesOfTopics(row.topics), "webhook.test"],
      });
    }
    const details = { id: row.id, host: hostIn(row.url), topics: row.topics };
    await tell(trx, plan, { type: "webhook_changed", details });
    return toWebhook(row);
  },
});

/**
 * Gives a webhook a new secret, beside which the one before signs for a while.
 *
 * @throws AppError WEBHOOK_NOT_FOUND, SESSION_REQUIRED
 */
export const rotateSecret = defineCommand({
  stillLetsIn: holdsSecret,
  plan: async (deps: WebhookDependencies, input: WebhookInput) => {
    const secret = createSecret(deps.randomBytes);
    return { ...planChange(deps, input), secret, secret_sealed: deps.sealer.seal(secret) };
  },
  write: async (trx, { secret, secret_sealed, ...plan }) => {
    const before = await lockOwn(trx, plan);
    assertMayHave(plan.actor, before.topics);
    const row = await updateWebhook(trx, before.id, {
      secret_sealed,
      previous_secret_sealed: before.secret_sealed,
      previous_secret_expires_at: new Date(plan.now.getTime() + secretOverlapHours * hourMs),
      updated_at: plan.now,
    });
    await tell(trx, plan, { type: "webhook_secret_rotated", details: { id: row.id } });
    return { ...toWebhook(row), secret };
  },
});

/** Sends nothing more until the webhook is resumed. @throws AppError WEBHOOK_NOT_FOUND, SESSION_REQUIRED */
export const pauseWebhook = statusCommand("paused");

/** Sends again what was held back. @throws AppError WEBHOOK_NOT_FOUND, SESSION_REQUIRED */
export const resumeWebhook = statusCommand("active");

/** Deletes a webhook with everything that it was sent. @throws AppError WEBHOOK_NOT_FOUND, SESSION_REQUIRED */
export const removeWebhook = defineCommand({
  plan: async (deps: WebhookDependencies, input: WebhookInput) => planChange(deps, input),
  write: async (trx, plan) => {
    const { id, url, topics } = await lockOwn(trx, plan);
    assertMayHave(plan.actor, topics);
    await deleteWebhook(trx, id);
    await tell(trx, plan, { type: "webhook_deleted", details: { id, host: hostIn(url) } });
    return undefined;
  },
});

/** Sets the status; where it is set already, nothing changes. */
function statusCommand(status: "active" | "paused") {
  return defineCommand({
    plan: async (deps: WebhookDependencies, input: WebhookInput) => planChange(deps, input),
    write: async (trx, plan) => {
      const before = await lockOwn(trx, plan);
      assertMayHave(plan.actor, before.topics);
      // One that the service has disabled stays so: its reason would be gone.
      const isDone = before.status === status || (status === "paused" && before.status === "disabled");
      if (isDone) return toWebhook(before);
      const row = await updateWebhook(trx, before.id, {
        status,
        disabled_reason: null,
        failing_since: null,
        updated_at: plan.now,
      });
      if (status === "active") await hastenDeliveries(trx, { webhook_id: row.id, now: plan.now });
      await tell(trx, plan, { type: "webhook_changed", details: { id: row.id, status } });
      return toWebhook(row);
    },
  });
}

/** What every change of a webhook goes by. */
function planChange(deps: WebhookDependencies, { webhook_id }: WebhookInput) {
  const { actor } = deps;
  const choice = { id: webhook_id, owner_id: actor.owner_id };
  return { actor, choice, now: deps.clock(), audit: auditWriter(deps) };
}

type PlannedChange = ReturnType<typeof planChange>;

/**
 * Locks the account, and then the webhook.
 *
 * @throws AppError WEBHOOK_NOT_FOUND; TOKEN_INVALID, API_KEY_INVALID when the caller's access has ended meanwhile
 */
async function lockOwn(trx: DatabaseTransaction, { actor, choice, now }: PlannedChange): Promise<WebhookRow> {
  await lockActingAccount(trx, actor, now);
  return existing(await lockWebhook(trx, choice));
}

async function tell(
  trx: DatabaseTransaction,
  { actor, audit }: PlannedChange,
  event: OwnerEvent,
): Promise<void> {
  await storeEvent(trx, audit(ownerEvent(actor, event)));
}

/** @throws AppError WEBHOOK_NOT_FOUND */
export function existing<TRow>(row: TRow | undefined): TRow {
  if (row === undefined) throw new AppError("WEBHOOK_NOT_FOUND", undefined);
  return row;
}

/**
 * What only signed-in users see, no API key sends elsewhere.
 *
 * @throws AppError SESSION_REQUIRED
 */
export function assertMayHave({ api_key_id }: Actor, topics: readonly string[]): void {
  if (api_key_id !== undefined && topics.includes("security"))
    throw new AppError("SESSION_REQUIRED", undefined);
}

/** @throws AppError WEBHOOK_URL_REFUSED */
function readUrl({ webhookTargets }: Pick<WebhookDependencies, "webhookTargets">, text: string): string {
  const url = new URL(text);
  const reason = judgeTarget(url, webhookTargets);
  if (reason !== undefined) throw new AppError("WEBHOOK_URL_REFUSED", { reason });
  return url.href;
}

/** A path or a query may have a secret of the receiver's in it. */
function hostIn(url: string): string {
  return new URL(url).host;
}

/** Whether a secret that was given still signs. */
async function holdsSecret(
  { db, actor, sealer }: Pick<WebhookDependencies, "db" | "actor" | "sealer">,
  { id, secret }: NewWebhook,
): Promise<boolean> {
  const row = await findWebhook(db, { id, owner_id: actor.owner_id });
  return row !== undefined && sealer.open(row.secret_sealed) === secret;
}

/** Each once, in the contract's order. */
function inOrder(topics: readonly string[]): EventTopic[] {
  return eventTopic.options.filter((topic) => topics.includes(topic));
}

function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    url: row.url,
    topics: inOrder(row.topics),
    status: row.status,
    disabled_reason: row.disabled_reason,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    last_success_at: row.last_success_at?.toISOString() ?? null,
    failing_since: row.failing_since?.toISOString() ?? null,
    previous_secret_expires_at: row.previous_secret_expires_at?.toISOString() ?? null,
  };
}
