import { expect, it } from "vitest";
import { parseCLI } from "vitest/node";
import { readArguments } from "./read-arguments.ts";

it.each(["-u", "--update"])(
  "takes no path after %s for its value, which would choose everything",
  (update) => {
    const { others } = readArguments([update, "a.test.ts:17", "--seed", "5", "b.test.ts"]);
    const { filter, options } = parseCLI(["vitest", "run", ...others]);
    expect(filter).toEqual(["a.test.ts:17", "b.test.ts"]);
    expect(options).toMatchObject({ update: "all" });
  },
);

it("leaves what else there is to update to Vitest", () => {
  expect(readArguments(["-u", "new", "a.test.ts"]).others).toEqual(["-u", "new", "a.test.ts"]);
});

it("takes the seed that is given, and else any", () => {
  expect(readArguments(["a.test.ts", "--seed", "5", "-t", "name"])).toEqual({
    seed: 5,
    others: ["a.test.ts", "-t", "name"],
  });
  expect(Number.isSafeInteger(readArguments([]).seed)).toBe(true);
  expect(() => readArguments(["--seed", "x"])).toThrow("Use a whole number from 0 for --seed, not x.");
});
