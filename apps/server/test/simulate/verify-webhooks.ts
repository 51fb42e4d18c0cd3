import { type EventTopic, eventTypesByTopic } from "@obsqra/contract";
import { openDatabase } from "@obsqra/db";
import { comparePositions, parsePosition } from "@obsqra/platform";
import { databaseLocation } from "../../src/create-dependencies.ts";
import { readEnvironment } from "../../src/env.ts";
import type { TakenMessage, WebhookReceiver } from "./receiver.ts";

/** How webhooks were told: counts, and what is wrong has to be none. */
export interface WebhookVerdict {
  /** Events that were to be told, for each webhook. */
  readonly messages: number;
  /** Those that came again, with an id that the receiver knew. */
  readonly messages_repeated: number;
  /** Requests that the receiver has failed on purpose. */
  readonly messages_failed: number;
  /** Not told, told under two ids, or told although it was somebody else's or not asked for. */
  readonly messages_wrong: readonly string[];
  /** Told before an earlier one of the same subject. */
  readonly messages_disordered: number;
  /** With a wrong signature or time. */
  readonly messages_forged: number;
}

/** Compares what a receiver has taken with the events that are in the database of a service that has stopped. */
export async function verifyWebhooks(
  variables: Readonly<Record<string, string>>,
  receiver: Pick<WebhookReceiver, "taken" | "wrong" | "failed" | "url">,
): Promise<WebhookVerdict> {
  const database = await openDatabase(databaseLocation(readEnvironment(variables)));
  const { db } = database;
  try {
    const webhooks = await db.selectFrom("webhooks").selectAll().execute();
    const events = await db
      .selectFrom("events")
      .select(["type", "owner_id", "transaction_id", "sequence"])
      .execute();
    const expected = webhooks.flatMap(({ url, owner_id, topics, made_by_transaction }) => {
      const types: readonly string[] = topics.flatMap((topic) => eventTypesByTopic[topic as EventTopic]);
      return events
        .filter((event) => types.includes(event.type) && [null, owner_id].includes(event.owner_id))
        .filter((event) => BigInt(event.transaction_id) > BigInt(made_by_transaction))
        .map((event) => `${new URL(url).pathname} ${event.transaction_id}-${event.sequence}`);
    });
    const idsByEvent = new Map<string, Set<string>>();
    for (const { path, eventId, id } of receiver.taken) {
      const key = `${path} ${eventId}`;
      idsByEvent.set(key, (idsByEvent.get(key) ?? new Set()).add(id));
    }
    const told = new Set(idsByEvent.keys());
    const ids = [...idsByEvent.values()].flatMap((known) => [...known]);
    const once = new Set(ids);
    return {
      messages: expected.length,
      messages_repeated: receiver.taken.length - once.size,
      messages_failed: receiver.failed(),
      messages_wrong: [
        ...expected.filter((key) => !told.has(key)).map((key) => `${key} was not told`),
        ...[...told].filter((key) => !expected.includes(key)).map((key) => `${key} was not to be told`),
        ...[...idsByEvent].filter(([, known]) => known.size > 1).map(([key]) => `${key} has several ids`),
        ...[...once]
          .filter((id) => ids.indexOf(id) !== ids.lastIndexOf(id))
          .map((id) => `${id} is of several`),
      ],
      messages_disordered: countDisordered(receiver.taken),
      messages_forged: receiver.wrong.length,
    };
  } finally {
    await database.close();
  }
}

/** Of each webhook and subject, what came for the first time after something later. */
function countDisordered(taken: readonly TakenMessage[]): number {
  const seen = new Set<string>();
  const newest = new Map<string, string>();
  let disordered = 0;
  for (const { path, id, subject, eventId } of taken) {
    if (seen.has(id)) continue;
    seen.add(id);
    const key = `${path} ${subject}`;
    const before = newest.get(key);
    if (before !== undefined && comparePositions(parsePosition(before), parsePosition(eventId)) > 0)
      disordered += 1;
    newest.set(key, eventId);
  }
  return disordered;
}
