import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import vectors from "../reference/elementary-functions.json" with { type: "json" };
import { exp, expm1, log, log1p, power, square } from "./deterministic-math.ts";

const functions = { exp, expm1, log, log1p };

it.each(["exp", "expm1", "log", "log1p"] as const)(
  "computes %s to within one unit of the last place",
  (name) => {
    expect(vectors[name].length).toBeGreaterThan(40);
    for (const [x = 0, rounded = 0] of vectors[name]) {
      const steps = Math.abs(Number(bitsOf(functions[name](x)) - bitsOf(rounded)));
      expect(steps, `${name}(${x})`).toBeLessThanOrEqual(1);
    }
  },
);

it("gives the same bits everywhere: those that were recorded", () => {
  const hash = createHash("sha256");
  const values = new Float64Array(40_000);
  let seed = 1;
  const next = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let index = 0; index < values.length; index += 4) {
    const x = 4 * next();
    values.set([exp(300 * (x - 2)), expm1(20 * (x - 2)), log(x), log1p(x - 1)], index);
  }
  hash.update(values);
  expect(hash.digest("hex")).toBe("601c09e151788279b58b9de7fa159f39384ef20ea9bccfa930c62b3694806ceb");
});

it("has the values of the standard at the edges", () => {
  for (const x of [
    0,
    -0,
    -1,
    -2,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    710,
    -746,
  ]) {
    expect([exp(x), expm1(x), log(x), log1p(x)]).toEqual([
      Math.exp(x),
      Math.expm1(x),
      Math.log(x),
      Math.log1p(x),
    ]);
  }
  expect(power(2, 0.5)).toBeCloseTo(Math.SQRT2, 15);
  expect(power(1, 0.3)).toBe(1);
  expect(square(-3)).toBe(9);
});

it("is what everything uses that is computed of models and forecasts, since engines differ in their own", () => {
  // IEEE 754 defines these exactly, or they choose among values; powers of literal whole numbers are exact.
  const exact = /Math\.(?!(?:abs|min|max|sqrt|floor|ceil|round|trunc|sign|imul|fround|clz32|PI|LOG2E)\b)/;
  const root = join(import.meta.dirname, "../..");
  const files = globSync("{ml,forest}/src/**/*.ts", { cwd: root }).filter(
    (file) => !/\.test\.ts$|test-support/.test(file),
  );
  expect(files.length).toBeGreaterThan(100);
  for (const file of files) {
    const source = readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    expect(source, file).not.toMatch(exact);
    expect(source.replace(/\b2 \*\* -?\d+/g, ""), file).not.toMatch(/\*\*/);
  }
});

/** The bits of a number as a whole one: neighbours differ by 1. */
function bitsOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigInt64(0);
}
