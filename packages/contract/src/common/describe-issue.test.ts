import { expect, it } from "vitest";
import { z } from "zod";
import "./describe-issue.ts";

it.each([
  [z.array(z.string()).min(1), [], "use at least 1 item"],
  [z.array(z.string()).min(2), ["a"], "use at least 2 items"],
  [z.array(z.string()).max(1), ["a", "b"], "use at most 1 item"],
  [z.string().min(1), "", "use at least 1 character"],
  [z.string().max(2), "abc", "use at most 2 characters"],
  [z.int().min(1), 0, "use at least 1"],
])("says how much is to be sent: %#", (schema: z.ZodType, input, message) => {
  expect(schema.safeParse(input).error?.issues.map((issue) => issue.message)).toEqual([message]);
});
