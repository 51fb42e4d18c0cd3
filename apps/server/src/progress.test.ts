import { expect, it } from "vitest";
import { createConsole } from "./progress.ts";

it("writes a line at the beginning, at each quarter and at the end of a step, and none twice", () => {
  let text = "";
  const report = createConsole((more) => {
    text += more;
  }).step("Counting");
  for (const fraction of [0, 0.1, 0.3, 0.26, 0.4, 0.8, 1, 1]) report(fraction);
  expect(text).toBe("Counting … 0 %\nCounting … 25 %\nCounting … 75 %\nCounting … 100 %\n");
});
