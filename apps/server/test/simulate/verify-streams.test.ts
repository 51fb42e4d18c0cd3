import type { LiveEvent } from "@obsqra/client";
import { parsePosition } from "@obsqra/platform";
import { describe, expect, it } from "vitest";
import { type StoredEvent, verifySubscriber } from "./verify-streams.ts";

const occurred_at = "2026-11-30T12:00:00.000Z";

const decision_id = "019bc186-de00-7000-8000-a19af8b2bbf6";
const payload = { kind: "risk", source: "defillama", decision_id } as const;

function promoted(id: string): LiveEvent {
  return { type: "model.promoted", id, occurred_at, subject: `model ${id}`, payload };
}

const stored = ["7-1", "8-2", "9-10", "10-3", "11-4"].map((id): StoredEvent => {
  const position = parsePosition(id);
  return { type: "model.promoted", subject: `model ${id}`, owner_id: null, payload, position };
});

function verify(...ids: readonly string[]) {
  const opened: LiveEvent = { type: "stream.opened", id: "7-1", occurred_at };
  const told = [opened, ...ids.map(promoted)];
  const subscriber = { email: "ada", way: "WebSocket", told, connections: () => 2 } as const;
  return verifySubscriber(subscriber, stored);
}

describe("what a subscriber was told", () => {
  it("is right when each event came once and in order, up to the last one", () => {
    expect(verify("8-2", "9-10", "10-3", "11-4")).toEqual({ expected: 4, wrong: [] });
    expect(verify("8-2", "9-10")).toEqual({ expected: 2, wrong: [] });
  });

  it.each([
    ["missing", ["8-2", "10-3"], "9-10"],
    ["twice", ["8-2", "9-10", "8-2", "10-3"], "8-2"],
    ["before an earlier one", ["9-10", "8-2", "10-3"], "8-2"],
    ["foreign", ["8-2", "9-10", "9-11", "10-3"], "9-11"],
    ["foreign", ["7-1", "8-2"], "7-1"],
  ])("is wrong when an event is %s, which is named", (what, ids, id) => {
    expect(verify(...ids).wrong).toContainEqual(
      `ada by WebSocket: ${what}: model.promoted model ${id} ${id}`,
    );
  });

  it("is wrong when nothing came", () => {
    expect(verify().wrong).toEqual(["ada by WebSocket: nothing came"]);
  });
});
