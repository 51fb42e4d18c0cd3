import { expect, it } from "vitest";
import { z } from "zod";
import { listEndpoints } from "../contract.ts";
import {
  type JsonSchema,
  jsonValueName,
  readContractSchemas,
  referenceName,
} from "../schemas/contract-schemas.ts";
import { figureRounder } from "./figure-rounder.ts";
import { exact, figure, figureRules, whole } from "./figures.ts";

/** A number in a response, and what is said of it. */
interface NumberField {
  readonly path: string;
  readonly isDescribed: boolean;
  readonly schema: JsonSchema & {
    readonly "x-unit"?: string;
    readonly "x-decimals"?: number;
    readonly "x-exact"?: string;
  };
}

const { named, endpoints } = readContractSchemas();

/** Every number that responses have, by where it stands; free-form JSON is somebody else's, and has no units of ours. */
function listNumbers(): NumberField[] {
  const numbers: NumberField[] = [];
  const seen = new Set<string>([jsonValueName]);
  const walk = (schema: JsonSchema, path: string, wasDescribed = false): void => {
    if (schema.$ref !== undefined) {
      const name = referenceName(schema.$ref);
      const target = seen.has(name) ? undefined : named.get(name);
      seen.add(name);
      if (target !== undefined) walk(target, name);
      return;
    }
    const isDescribed = wasDescribed || schema.description !== undefined;
    const types = [schema.type].flat();
    if (types.includes("number") || types.includes("integer")) numbers.push({ path, isDescribed, schema });
    const parts = [schema.anyOf, schema.oneOf, schema.items, schema.additionalProperties].flat();
    for (const part of parts) if (typeof part === "object") walk(part, path, isDescribed);
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      if (typeof field === "object") walk(field, `${path}.${name}`);
    }
  };
  for (const { path, endpoint } of listEndpoints()) {
    const output = endpoints.get(endpoint)?.output;
    if (output !== undefined) walk(output, path);
  }
  return numbers;
}

it("says of every number in a response what it counts, what it means, and how it is rounded or why not", () => {
  const numbers = listNumbers();
  expect(numbers.length).toBeGreaterThan(150);
  const wanting = numbers.flatMap(({ path, isDescribed, schema }) => {
    const rules = [schema["x-decimals"], schema["x-exact"]].filter((rule) => rule !== undefined);
    return [
      ...(schema["x-unit"] === undefined ? [`${path} has no unit`] : []),
      ...(isDescribed ? [] : [`${path} has no description`]),
      ...(rules.length === (schema.type === "integer" ? 0 : 1) ? [] : [`${path} has ${rules.length} rules`]),
    ];
  });
  expect(wanting).toEqual([]);
});

it("rounds APYs, shares and dollars to 2 decimals, scores to 1, probabilities to 3", () => {
  const { apy, apyPoints, share, usd, score, probability } = figureRules;
  expect([apy, apyPoints, share, usd].map(({ decimals }) => decimals)).toEqual([2, 2, 2, 2]);
  expect([score.decimals, probability.decimals]).toEqual([1, 3]);
});

it("rounds what a schema declares, wherever it stands, and nothing else; what is not certain never becomes so", () => {
  const schema = z.object({
    text: z.string(),
    apy: figure("apy").min(-100).nullable().describe("Percent"),
    none: figure("apy").nullable(),
    missing: figure("apy").optional(),
    plain: z.number(),
    kept: exact("percent", "as you gave it"),
    days: whole("days"),
    shares: z.record(z.string(), figure("share")),
    items: z.array(z.object({ score: figure("score").default(0) })),
    list: z.array(figure("probability")),
    any: z.record(z.string(), z.json()),
  });
  const output = {
    text: "1.23456",
    apy: 8.123456,
    none: null,
    plain: 1.23456,
    kept: 1.23456,
    days: 7,
    shares: { ekubo: 33.333333, vesu: 66.666667 },
    items: [{ score: 42.06 }, { score: -0.04 }],
    list: [0.12345, 0, 0.00002, 0.99996, 1],
    any: { value: 1.23456 },
  };
  expect(figureRounder(schema)?.(schema.parse(output))).toEqual({
    ...output,
    apy: 8.12,
    shares: { ekubo: 33.33, vesu: 66.67 },
    items: [{ score: 42.1 }, { score: 0 }],
    list: [0.123, 0, 0.001, 0.999, 1],
  });
});

it("has nothing to do where there are no figures", () => {
  expect(figureRounder(z.object({ name: z.string(), count: whole("days") }))).toBeUndefined();
});

it("refuses a figure of which a value does not tell that it is one", () => {
  const union = z.union([z.object({ apy: figure("apy") }), z.object({ name: z.string() })]);
  expect(() => figureRounder(z.array(union))).toThrow(/no rule/);
  expect(() => figureRounder(z.array(figure("apy")).readonly())).toThrow(/not known/);
});

it("knows how to round every output of the contract", () => {
  const rounded = listEndpoints().filter(({ endpoint }) => figureRounder(endpoint.output) !== undefined);
  expect(rounded.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      "analytics.markets",
      "predictions.yield_forecast",
      "predictions.run_optimization",
    ]),
  );
});
