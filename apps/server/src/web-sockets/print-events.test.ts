import { expect, it, vi } from "vitest";
import { createEventPrinter, printIds } from "./print-events.ts";

const call = { id: 1, method: "subscription", params: { path: "events.follow" } } as const;

/** What stands in a single frame of less than 64 KiB. */
function payloadOf(frame: Buffer): string {
  return frame.subarray((frame[1] ?? 0) < 126 ? 2 : 4).toString();
}

it.each([
  ["a number", { ...call, id: 7 }, { id: 7 }],
  ["a text", { ...call, id: 'two "2"' }, { id: 'two "2"' }],
  ["the version of JSON-RPC besides", { ...call, jsonrpc: "2.0" as const }, { id: 1, jsonrpc: "2.0" }],
])("prints an event as tRPC's link reads it, with an id that is %s", (_what, asked, ids) => {
  const event = { type: "transaction.logged", text: 'a "b" \u2028 ä' };
  const frame = createEventPrinter(asked)([{ id: "5-7", data: event }]);
  expect(JSON.parse(payloadOf(frame))).toEqual({
    ...ids,
    result: { type: "data", data: { id: "5-7", data: event }, id: "5-7" },
  });
  expect(JSON.parse(`${printIds(asked)}}`)).toEqual(ids);
});

it("prints an event once, however many follow it", () => {
  const toJSON = vi.fn(() => "printed");
  const message = { id: "1-1", data: { toJSON } };
  const frames = [1, 2, 3].map((id) => createEventPrinter({ ...call, id })([message]));
  expect(frames.map((frame) => (JSON.parse(payloadOf(frame)) as { id: number }).id)).toEqual([1, 2, 3]);
  expect(toJSON).toHaveBeenCalledTimes(1);
});
