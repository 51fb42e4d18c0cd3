import { responseExcerptMax } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import type { GuardedOutcome, GuardedPost } from "@obsqra/http";
import { type Emit, type Logger, type Sealer, writeTransaction } from "@obsqra/platform";
import { signMessage } from "./message-signature.ts";
import { type QueueEventsDependencies, queueEvents } from "./queue-events.service.ts";
import { waitAfter, waitMsMax } from "./retry-schedule.ts";
import {
  type ClaimedDelivery,
  claimDeliveries,
  hasPendingDeliveries,
  insertAttempt,
  type SendingLimits,
  type Settlement,
  settleDelivery,
} from "./sending.queries.ts";
import { lockWebhook, updateWebhook, type WebhookRow } from "./webhooks.queries.ts";

/** What delivering uses. */
export interface WebhookDeliveryDependencies extends QueueEventsDependencies {
  readonly db: Database;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly sealer: Sealer;
  readonly log: Logger;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Sends a message, within limits of its own. */
  readonly post: (request: GuardedPost) => Promise<GuardedOutcome>;
}

/** What may be under way at once. */
export interface DeliveryLimits extends SendingLimits {
  /** In this process. */
  readonly perProcess: number;
  /** In this process, to webhooks whose last attempt has failed or was slow. */
  readonly failingPerProcess: number;
  /** Whoever takes longer has died: the delivery is somebody else's then. */
  readonly leaseSeconds: number;
}

export const defaultDeliveryLimits: DeliveryLimits = {
  perProcess: 32,
  failingPerProcess: 16,
  perOwner: 8,
  perWebhook: 4,
  perFailingWebhook: 1,
  leaseSeconds: 30,
};

/** How long one that sends waits before it looks for what has come meanwhile. */
const lookMs = 1_000;

/**
 * How long it waits at least: what ends meanwhile is followed together, so that looking for it costs little, and nobody's many
 * messages keep the process from its callers. An account is sent up to 40 messages a second.
 */
const restMs = 200;

/** What came of an attempt. */
type Outcome = GuardedOutcome | { readonly failure: "secret_lost" };

/**
 * Queues new events and sends everything that is due, until nothing is left to do now. A message is sent at least once: it is
 * claimed, sent and then settled, so that one whose sender dies is sent again, with the same id. Several processes may deliver at
 * once; each delivery is one process's at a time. A slow receiver has its own few places, and holds up no other.
 *
 * @param signal nothing more is begun after it aborts; what is under way is ended
 * @returns whether any message waits for a later time
 * @throws DatabaseUnavailableError and whatever else the database throws; never for what happens to a single message
 */
export async function deliverWebhooks(
  deps: WebhookDeliveryDependencies,
  signal: AbortSignal,
  limits: DeliveryLimits = defaultDeliveryLimits,
): Promise<boolean> {
  const sending = new Map<Promise<void>, ClaimedDelivery>();
  const failures: unknown[] = [];
  let isAnyLeft = true;
  try {
    while (!signal.aborted && failures.length === 0) {
      await queueEvents(deps, signal);
      isAnyLeft = await hasPendingDeliveries(deps.db);
      const failing = [...sending.values()].filter(({ is_failing }) => is_failing).length;
      const count = limits.perProcess - sending.size;
      const failingCount = limits.failingPerProcess - failing;
      const claimed = isAnyLeft && count > 0 ? await claim(deps, limits, { count, failingCount }) : [];
      for (const delivery of claimed) {
        const sent = deliver(deps, delivery)
          .catch((error: unknown) => void failures.push(error))
          .finally(() => sending.delete(sent));
        sending.set(sent, delivery);
      }
      if (sending.size === 0) break;
      await Promise.all([Promise.race([...sending.keys(), deps.pause(lookMs)]), deps.pause(restMs)]);
    }
  } finally {
    await Promise.all(sending.keys());
  }
  if (failures.length > 0) throw failures[0];
  return isAnyLeft;
}

async function claim(
  { db, clock }: Pick<WebhookDeliveryDependencies, "db" | "clock">,
  limits: DeliveryLimits,
  numbers: { readonly count: number; readonly failingCount: number },
): Promise<ClaimedDelivery[]> {
  const { leaseSeconds } = limits;
  return db
    .transaction()
    .execute((trx) => claimDeliveries(trx, { now: clock(), waitMsMax, leaseSeconds, ...numbers, limits }));
}

async function deliver(deps: WebhookDeliveryDependencies, delivery: ClaimedDelivery): Promise<void> {
  const started_at = deps.clock();
  const began = performance.now();
  const outcome = await send(deps, delivery, started_at);
  const attempt = {
    id: deps.createId(),
    delivery_id: delivery.id,
    webhook_id: delivery.webhook_id,
    owner_id: delivery.owner_id,
    event_type: delivery.event_type,
    started_at,
    duration_ms: Math.round(performance.now() - began),
    response_status: "status" in outcome ? outcome.status : null,
    failure: "failure" in outcome ? outcome.failure : null,
    response_excerpt: "status" in outcome ? excerptOf(outcome.body) : null,
  };
  await writeTransaction(deps, async (trx, emit) => {
    // The webhook before its deliveries, as whoever changes it does.
    const webhook = await lockWebhook(trx, { id: delivery.webhook_id, owner_id: delivery.owner_id });
    if (webhook === undefined) return;
    await insertAttempt(trx, attempt);
    await settle(trx, { deps, emit, webhook, delivery, outcome });
  });
}

async function send(
  { sealer, post }: WebhookDeliveryDependencies,
  delivery: ClaimedDelivery,
  now: Date,
): Promise<Outcome> {
  const secrets = openSecrets(sealer, delivery, now);
  if (secrets === undefined) return { failure: "secret_lost" };
  const { id, url, body } = delivery;
  const headers = {
    ...signMessage({ id, sent_at: now, body }, secrets),
    "content-type": "application/json",
    "user-agent": "Obsqra-Webhooks/1",
  };
  return post({ url, headers, body });
}

/** @returns undefined when the newest was sealed with a key that is not configured any more */
function openSecrets(sealer: Sealer, delivery: ClaimedDelivery, now: Date): readonly string[] | undefined {
  const { secret_sealed, previous_secret_sealed: previous, previous_secret_expires_at: until } = delivery;
  const newest = openIfReadable(sealer, secret_sealed);
  if (newest === undefined) return undefined;
  const isPreviousValid = previous !== null && until !== null && until > now;
  const before = isPreviousValid ? openIfReadable(sealer, previous) : undefined;
  return before === undefined ? [newest] : [newest, before];
}

function openIfReadable(sealer: Sealer, sealed: Uint8Array): string | undefined {
  try {
    return sealer.open(sealed);
  } catch {
    return undefined;
  }
}

/** What is known when an attempt has ended. */
interface Ended {
  readonly deps: Pick<WebhookDeliveryDependencies, "clock" | "randomBytes">;
  readonly emit: Emit;
  readonly webhook: WebhookRow;
  readonly delivery: ClaimedDelivery;
  readonly outcome: Outcome;
}

/** Ends the attempt, and disables a webhook that takes nothing any more. */
async function settle(trx: DatabaseTransaction, ended: Ended): Promise<void> {
  const { deps, emit, webhook, delivery } = ended;
  const now = deps.clock();
  const settlement = judge(ended, now);
  const settled = await settleDelivery(trx, delivery, settlement);
  if (settlement.status === "delivered") {
    await updateWebhook(trx, webhook.id, {
      last_success_at: now,
      failing_since: null,
      updated_at: webhook.updated_at,
    });
    return;
  }
  const reason =
    settlement.status === "dead" && settled !== undefined ? whyDisabled(ended, settled) : undefined;
  const failing_since = webhook.failing_since ?? now;
  if (reason === undefined || webhook.status !== "active") {
    await updateWebhook(trx, webhook.id, { failing_since, updated_at: webhook.updated_at });
    return;
  }
  await updateWebhook(trx, webhook.id, {
    failing_since,
    status: "disabled",
    disabled_reason: reason,
    updated_at: now,
  });
  emit({ type: "webhook.disabled", subject: webhook.id, owner_id: delivery.owner_id, payload: { reason } });
}

function judge({ deps, delivery, outcome }: Ended, now: Date): Settlement {
  if (isSuccess(outcome)) return { status: "delivered", ended_at: now };
  const waitMs = isGone(outcome) ? undefined : waitAfter(delivery.attempts, deps.randomBytes);
  if (waitMs === undefined) return { status: "dead", ended_at: now };
  return { status: "pending", next_attempt_at: new Date(now.getTime() + waitMs) };
}

/** A webhook is given up with a dead delivery, unless another has come through since that was first tried. */
function whyDisabled(
  { webhook, outcome }: Ended,
  { first_attempt_at }: { readonly first_attempt_at: Date | null },
): "failing" | "gone" | undefined {
  if (isGone(outcome)) return "gone";
  const { last_success_at } = webhook;
  const hasTakenOthers =
    last_success_at !== null && first_attempt_at !== null && last_success_at >= first_attempt_at;
  return hasTakenOthers ? undefined : "failing";
}

function isSuccess(outcome: Outcome): boolean {
  return "status" in outcome && outcome.status >= 200 && outcome.status < 300;
}

/** The receiver says that it does not want to be told any more. */
function isGone(outcome: Outcome): boolean {
  return "status" in outcome && outcome.status === 410;
}

/**
 * Text that Postgres and a terminal can hold, of so many bytes at most: neither control characters, nor what turns the direction of
 * others, nor parts of characters.
 */
function excerptOf(body: Uint8Array): string {
  const text = new TextDecoder().decode(body.subarray(0, 4 * responseExcerptMax));
  const shown = text.replaceAll(/[^\P{Cc}\n\t]/gu, " ").replaceAll(/\p{Bidi_Control}/gu, "");
  // It writes whole characters only, and says how far it came.
  const { read } = new TextEncoder().encodeInto(shown, new Uint8Array(responseExcerptMax));
  return shown.slice(0, read);
}
