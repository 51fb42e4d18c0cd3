import { expect, it } from "vitest";
import { printMessage } from "./print-message.ts";

const event = { type: "transaction.logged", text: 'a "b" \u2028' };
const result = { type: "data", data: { id: "7", data: event }, id: "7" };

it.each([
  ["an event", { id: 1, result }],
  ["the same event of another subscription", { id: "two", result: structuredClone(result) }],
  ["the same event again", { id: 3, result }],
  ["an event with the version of JSON-RPC", { id: 4, jsonrpc: "2.0", result }],
  ["the beginning of a subscription", { id: 1, result: { type: "started" } }],
  ["its end", { id: 1, result: { type: "stopped" } }],
  ["an error", { id: null, error: { message: "no", code: -32600, data: {} } }],
  ["a result that is no event", { id: 1, result: { type: "data", data: event } }],
])("prints as JSON does: %s", (_what, message) => {
  expect(JSON.parse(printMessage(message))).toEqual(JSON.parse(JSON.stringify(message)));
});

it("leaves out what is undefined", () => {
  expect(printMessage({ id: 1, jsonrpc: undefined, result: { ...result, more: undefined } })).toBe(
    '{"id":1,"result":{"type":"data","data":{"id":"7","data":{"type":"transaction.logged","text":"a \\"b\\" \u2028"}},"id":"7"}}',
  );
});
