import fc from "fast-check";
import { expect, inject, it } from "vitest";
import { at } from "../numbers.ts";
import { equalGroups } from "./equal-groups.ts";

it("puts values into groups as ordering their places does, many equal ones included", () => {
  const cases = fc.record({
    values: fc.array(fc.integer({ min: -3, max: 12 }), { maxLength: 60 }),
    count: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(cases, ({ values, count }) => {
      const { sorted, ends, groupOf } = equalGroups(Float64Array.from(values), count);
      const order = values
        .map((_value, index) => index)
        .sort((left, right) => at(values, left) - at(values, right) || left - right);
      expect([...sorted]).toEqual(order.map((index) => values[index]));
      expect(ends.at(-1)).toBe(values.length);
      for (const [position, index] of order.entries()) {
        expect(groupOf[index]).toBe(ends.findIndex((end) => position < end));
      }
    }),
    { seed: inject("seed") },
  );
});
