import { expect, it } from "vitest";
import { z } from "zod";
import { requireExactOutput, trustOutput } from "./check-output.ts";

const schema = z.object({
  id: z.string(),
  note: z.string().optional(),
  at: z.array(z.object({ day: z.number() })),
});
const output = { id: "1", at: [{ day: 1 }] };

it("lets an output pass that is what the contract promises, in whatever order its fields are", () => {
  for (const exact of [output, { at: [{ day: 1 }], id: "1" }, { ...output, note: undefined }]) {
    expect(requireExactOutput(schema, exact)).toBe(exact);
  }
  expect(requireExactOutput(z.undefined(), undefined)).toBeUndefined();
});

it.each([
  ["lacks a field", { id: "1" }],
  ["has a field of another type", { ...output, id: 1 }],
  ["has a field that the contract does not have", { ...output, password: "hunter2" }],
  ["has one further inside", { ...output, at: [{ day: 1, owner: "ada" }] }],
])("refuses an output that %s", (_what, wrong) => {
  expect(() => requireExactOutput(schema, wrong)).toThrow(
    expect.objectContaining({ code: "INTERNAL_SERVER_ERROR" }),
  );
});

it("sends an output as it is where it is trusted", () => {
  expect(trustOutput(schema, output)).toBe(output);
});
