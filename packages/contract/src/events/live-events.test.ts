import { expect, it } from "vitest";
import { type EventType, eventCatalogue } from "./events.schema.ts";
import { eventTypesByTopic, liveEventSchema } from "./live-events.schema.ts";

/** What callers do not follow: nobody is signed in yet when an account is opened, who has webhooks is told by mail, and outcomes are in the log. */
const unshown: readonly EventType[] = [
  "user.registered",
  "webhook.disabled",
  "outcomes.recorded",
  "member.role_changed",
  "member.removed",
];

it("shows every type of event in one topic, but those that are named here, and a stream can send each", () => {
  const followed: string[] = Object.values(eventTypesByTopic).flat();
  expect([...followed, ...unshown].sort()).toEqual(Object.keys(eventCatalogue).sort());
  const sent = liveEventSchema.options.map(({ shape }) => shape.type.value);
  expect(sent.toSorted()).toEqual([...followed, "stream.opened", "stream.position"].sort());
});
