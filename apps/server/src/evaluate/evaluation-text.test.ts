import { expect, it } from "vitest";
import { formatEvaluation } from "./evaluation-text.ts";
import { testEvaluation } from "./test-evaluation.ts";

it("compares everybody with the best baseline", () => {
  const text = formatEvaluation(testEvaluation(), "text");
  expect(text).toContain("of the best baseline, mean_7d: 2.000 (-5.0 %)");
  expect(text).toMatch(/^model +1\.800 +-10\.0 % +0\.9000 +0\.4500 +75\.0 %$/m);
  expect(text).toMatch(/^last_value +2\.500 +\+25\.0 % +1\.250 +0\.6250 +-$/m);
});

it("judges the coverage of cells with 500 forecasts and more", () => {
  const text = formatEvaluation(testEvaluation(), "text");
  expect(text).toMatch(/^fixture-swap +moving +30 +500 +94\.0 % +yes$/m);
  expect(text).toMatch(/^fixture-lend +flat +7 +500 +94\.0 % +NO$/m);
  expect(text).toMatch(/^fixture-loan +moving +7 +200 +50\.0 % +too few to judge$/m);
});

it("tells coverage of moving and flat markets apart, and names the worst week", () => {
  const text = formatEvaluation(testEvaluation(), "text");
  expect(text).toMatch(/^moving +7 +700 +50\.0 % +80\.0 % +90\.0 % +95\.0 % +4\.500$/m);
  expect(text).toMatch(/^all +7 +2024-11-01 +100 +81\.0 %$/m);
});

it("dates the decisions which candidate serves", () => {
  const text = formatEvaluation(testEvaluation(), "text");
  expect(text).toMatch(/^2024-10-18 +model +yes +first_model +180 +1\.800 +- +2\.000$/m);
});

it("gives the same figures in Markdown", () => {
  const words = (text: string) => text.split(/[\s|#:-]+/).filter((word) => word !== "");
  const plain = words(formatEvaluation(testEvaluation(), "text"));
  expect(words(formatEvaluation(testEvaluation(), "markdown"))).toEqual(plain);
});
