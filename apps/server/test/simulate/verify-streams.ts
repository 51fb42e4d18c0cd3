import { type EventTopic, eventTypesByTopic } from "@obsqra/contract";
import { openDatabase } from "@obsqra/db";
import { comparePositions, type EventPosition, parsePosition } from "@obsqra/platform";
import { databaseLocation } from "../../src/create-dependencies.ts";
import { readEnvironment } from "../../src/env.ts";
import type { Subscriber, Subscribers } from "./subscribers.ts";

/** How those who follow were told: what is wrong has to be nothing. */
export interface StreamVerdict {
  readonly subscribers: number;
  /** How often each of them has connected again, who has the least. */
  readonly reconnects_fewest: number;
  readonly reconnects: number;
  /** Events that were to be told, for each subscriber. */
  readonly followed: number;
  /** What was not told, told twice, told before an earlier one, or told although it was not to be: who, how, and which event. */
  readonly followed_wrong: readonly string[];
}

/** An event that is stored, as far as it is told. */
export interface StoredEvent {
  readonly type: string;
  readonly subject: string;
  readonly owner_id: string | null;
  readonly payload: unknown;
  readonly position: EventPosition;
}

/** The source whose figures the service serves. */
const marketSource = "defillama";

/** Compares what subscribers were told with the events that are in the database of a service that has stopped. */
export async function verifyStreams(
  variables: Readonly<Record<string, string>>,
  { all }: Pick<Subscribers, "all">,
): Promise<StreamVerdict> {
  const database = await openDatabase(databaseLocation(readEnvironment(variables)));
  const { db } = database;
  try {
    const users = await db.selectFrom("users").select(["id", "email"]).execute();
    const rows = await db
      .selectFrom("events")
      .select(["type", "subject", "owner_id", "payload", "transaction_id", "sequence"])
      .execute();
    const events = rows
      .map(({ transaction_id, sequence, ...row }): StoredEvent => {
        const position = { transaction_id: String(transaction_id), sequence: String(sequence) };
        return { ...row, position };
      })
      .sort((one, other) => comparePositions(one.position, other.position));
    const verdicts = all.map((subscriber) => {
      const owner = users.find(({ email }) => email === subscriber.email);
      return verifySubscriber(
        subscriber,
        events.filter((event) => isToBeTold(event, { ...subscriber, owner_id: owner?.id })),
      );
    });
    const reconnects = all.map(({ connections }) => connections() - 1);
    return {
      subscribers: all.length,
      reconnects_fewest: Math.min(...reconnects),
      reconnects: reconnects.reduce((sum, count) => sum + count, 0),
      followed: verdicts.reduce((sum, { expected }) => sum + expected, 0),
      followed_wrong: verdicts.flatMap(({ wrong }) => wrong),
    };
  } finally {
    await database.close();
  }
}

/** Everybody's events and the owner's own; of security only to who has signed in. */
function isToBeTold(
  { type, owner_id, payload }: StoredEvent,
  listener: Pick<Subscriber, "way"> & { readonly owner_id: string | undefined },
): boolean {
  const topics = Object.keys(eventTypesByTopic) as EventTopic[];
  const followed = topics.filter((topic) => topic !== "security" || listener.way === "the client");
  const types: readonly string[] = followed.flatMap((topic) => eventTypesByTopic[topic]);
  if (!types.includes(type)) return false;
  if (owner_id !== null) return owner_id === listener.owner_id;
  const { source = marketSource } = Object(payload) as { readonly source?: unknown };
  return source === marketSource;
}

/**
 * Judges one of them.
 *
 * @param events all that are for this subscriber, in order
 */
export function verifySubscriber(
  { email, way, told }: Subscriber,
  events: readonly StoredEvent[],
): { readonly expected: number; readonly wrong: readonly string[] } {
  const [opened, ...messages] = told;
  const came = messages.filter(({ type }) => type !== "stream.opened" && type !== "stream.position");
  const last = came.at(-1);
  if (opened?.type !== "stream.opened" || last === undefined)
    return { expected: events.length, wrong: [`${email} by ${way}: nothing came`] };
  const [start, end] = [parsePosition(opened.id), parsePosition(last.id)];
  // What happened after the last one may have been on its way when the subscriber left.
  const expected = events
    .filter(({ position }) => comparePositions(position, start) > 0 && comparePositions(position, end) <= 0)
    .map(({ position, ...event }) =>
      describe({ ...event, id: `${position.transaction_id}-${position.sequence}` }),
    );
  const toBeTold = new Set(expected);
  const seen = new Set<string>();
  const wrong: string[] = [];
  let newest = start;
  for (const event of came) {
    const name = describe(event);
    const position = parsePosition(event.id);
    if (!toBeTold.has(name)) wrong.push(`foreign: ${name}`);
    if (seen.has(name)) wrong.push(`twice: ${name}`);
    else if (comparePositions(position, newest) <= 0) wrong.push(`before an earlier one: ${name}`);
    else newest = position;
    seen.add(name);
  }
  wrong.push(...expected.filter((name) => !seen.has(name)).map((name) => `missing: ${name}`));
  return { expected: expected.length, wrong: wrong.map((what) => `${email} by ${way}: ${what}`) };
}

function describe(event: { readonly id: string; readonly type: string; readonly subject?: string }): string {
  return `${event.type} ${event.subject ?? ""} ${event.id}`;
}
