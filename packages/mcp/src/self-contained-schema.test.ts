import type { JsonSchema } from "@obsqra/contract/schemas";
import { expect, it } from "vitest";
import { selfContainedSchema } from "./self-contained-schema.ts";

const named = new Map<string, JsonSchema>([
  ["Page", { type: "object", properties: { items: { type: "array", items: { $ref: "#/$defs/Tree" } } } }],
  [
    "Tree",
    { type: "object", properties: { inner: { $ref: "#/$defs/Tree" }, leaf: { $ref: "#/$defs/Leaf" } } },
  ],
  ["Leaf", { type: "string" }],
  ["Other", { type: "string" }],
]);

it("brings all that a schema refers to, and nothing else", () => {
  const schema = selfContainedSchema({ $ref: "#/$defs/Page" }, named);
  expect(schema).toMatchObject({
    type: "object",
    properties: { items: { items: { $ref: "#/$defs/Tree" } } },
  });
  expect(Object.keys(schema.$defs ?? {}).toSorted()).toEqual(["Leaf", "Tree"]);
});

it("takes nothing for an object without fields", () => {
  const none = { type: "object", properties: {}, additionalProperties: false };
  expect(selfContainedSchema(undefined, named)).toEqual(none);
});

it("refuses what is no object", () => {
  expect(() => selfContainedSchema({ $ref: "#/$defs/Leaf" }, named)).toThrow("an object");
});
