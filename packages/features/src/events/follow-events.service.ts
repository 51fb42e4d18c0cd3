import {
  type EventTopic,
  type EventType,
  eventTopic,
  eventTypesByTopic,
  type FollowEventsInput,
  type LiveEvent,
} from "@obsqra/contract";
import {
  type Actor,
  AppError,
  type Event,
  type EventStreams,
  parsePosition,
  printPosition,
  type RequestFacts,
  type StreamMessage,
  type Subscription,
} from "@obsqra/platform";

/** What following events uses. */
export interface FollowEventsDependencies {
  readonly actor: Actor;
  readonly request: RequestFacts;
  readonly clock: () => Date;
  readonly eventStreams: EventStreams;
  readonly marketSource: string;
}

/**
 * The events of some topics as they happen: everybody's, and the owner's own.
 *
 * @throws AppError SESSION_REQUIRED; when it is opened EVENT_ID_INVALID, TOO_MANY_STREAMS
 */
export async function followEvents(
  deps: FollowEventsDependencies,
  { topics, after, lastEventId }: FollowEventsInput,
): Promise<Subscription> {
  const { actor, request, eventStreams } = deps;
  const types = typesOf(chooseTopics(actor, topics));
  const position = lastEventId ?? after;
  const wants = (event: Event) => types.has(event.type) && isShown(event, deps);
  return {
    open: async () => {
      const from = position === undefined ? undefined : parsePosition(position);
      const stream = await eventStreams.open({ actor, request, after: from, wants });
      let isOpened = position !== undefined;
      return {
        close: stream.close,
        next: async () => {
          if (!isOpened) {
            isOpened = true;
            const id = printPosition(stream.start);
            return { messages: [ofStream("stream.opened", id, deps.clock())], id };
          }
          const batch = await stream.next();
          if (batch === undefined) return undefined;
          const id = printPosition(batch.position);
          const isMessageNeeded = batch.events.length === 0 && request.takes_subscriptions_only === true;
          const messages = isMessageNeeded
            ? [ofStream("stream.position", id, deps.clock())]
            : batch.events.map(toMessage);
          return { messages, id };
        },
      };
    },
  };
}

/** @throws AppError SESSION_REQUIRED where an API key asks for what only its owner sees */
function chooseTopics(
  { api_key_id }: Actor,
  asked: readonly EventTopic[] | undefined,
): readonly EventTopic[] {
  if (api_key_id === undefined) return asked ?? eventTopic.options;
  if (asked?.includes("security")) throw new AppError("SESSION_REQUIRED", undefined);
  return asked ?? eventTopic.options.filter((topic) => topic !== "security");
}

function typesOf(topics: readonly EventTopic[]): ReadonlySet<EventType> {
  return new Set(topics.flatMap((topic) => eventTypesByTopic[topic]));
}

function isShown(event: Event, { actor, marketSource }: FollowEventsDependencies): boolean {
  return isForOwner(event, { owner_id: actor.owner_id, marketSource });
}

/** Nobody is told of another owner's events, nor of those of figures that this server does not serve. */
export function isForOwner(
  { owner_id, payload }: Event,
  { owner_id: listener, marketSource }: { readonly owner_id: string; readonly marketSource: string },
): boolean {
  if (owner_id !== null) return owner_id === listener;
  return !("source" in payload) || payload.source === marketSource;
}

/** A message about the stream itself. */
function ofStream(type: "stream.opened" | "stream.position", id: string, now: Date): StreamMessage {
  const data: LiveEvent = { type, id, occurred_at: now.toISOString() };
  return { id, data };
}

/** Made once for all who follow. */
const messages = new WeakMap<Event, StreamMessage>();

function toMessage(event: Event): StreamMessage {
  const known = messages.get(event);
  if (known !== undefined) return known;
  const data = toEventMessage(event);
  const message = { id: data.id, data };
  messages.set(event, message);
  return message;
}

/** An event as callers get it, by whatever way. */
export function toEventMessage({ type, subject, payload, occurred_at, position }: Event) {
  return { type, id: printPosition(position), occurred_at: occurred_at.toISOString(), subject, payload };
}
