import { afterEach, expect, it, vi } from "vitest";
import { followTogether } from "./follow-together.ts";
import type { EventStreamProcedure } from "./procedures.ts";

const event = { type: "stream.opened", id: "1-1", occurred_at: "2026-12-01T00:00:00Z" } as const;

/** A stream that has one event and stays open. */
const procedure: EventStreamProcedure = {
  subscribe: (_input, { onData }) => {
    const text = `event: message\nid: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
    const start = (controller: ReadableStreamDefaultController) =>
      controller.enqueue(new TextEncoder().encode(text));
    onData(new Response(new ReadableStream({ start })));
  },
};

afterEach(() => vi.unstubAllGlobals());

const refusing = { locks: { request: () => Promise.reject(new DOMException("", "SecurityError")) } };

it.each([
  ["there is no navigator, as in Node 20", undefined],
  ["there are no locks", {}],
  ["locks are refused, as in a sandboxed frame", refusing],
])("reads a stream of its own where %s", async (_where, navigator) => {
  vi.stubGlobal("navigator", navigator);
  const events = followTogether(procedure, {}, { name: "events of Ada" });
  expect((await events.next()).value).toEqual(event);
  await events.return();
});
