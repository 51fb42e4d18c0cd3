import fc from "fast-check";
import { z } from "zod";
import { arbitraryString, readLengths } from "./arbitrary-string.ts";

/** After so many values in a row that a schema refuses, the generator does not know what the schema wants. */
const missesMax = 5_000;

const itemsMax = 5;

/**
 * Makes values that a schema takes, as JSON can carry them: every kind of each field, with and without what is optional,
 * and the examples of the documentation.
 *
 * @throws Error for a kind of schema that it does not know, and, when values are made, for rules that it cannot meet by
 * chance; give such a schema examples in its `meta`
 */
export function arbitraryInput(schema: z.ZodType): fc.Arbitrary<unknown> {
  let misses = 0;
  const isTaken = (value: unknown) => {
    const isGood = accepts(schema, value);
    misses = isGood ? 0 : misses + 1;
    if (misses > missesMax)
      throw new Error(`Give this ${schema.def.type} examples, so that tests can make more.`);
    return isGood;
  };
  const [...examples] = z.array(z.unknown()).catch([]).parse(schema.meta()?.examples);
  const made = arbitraryOfKind(schema).filter(isTaken);
  if (examples.length === 0) return made;
  return fc.oneof({ weight: 4, arbitrary: made }, { weight: 1, arbitrary: fc.constantFrom(...examples) });
}

/**
 * Whether a schema takes a value. Zod checks the length of whatever has one, and throws at a length such as
 * `{"toString":1,"valueOf":1}`, which cannot be compared; the service refuses it with a 400 like any other wrong input.
 */
export function accepts(schema: z.ZodType, value: unknown): boolean {
  try {
    return schema.safeParse(value).success;
  } catch {
    return false;
  }
}

function arbitraryOfKind(schema: z.ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodObject) return arbitraryObject(schema);
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return arbitraryString(schema);
  if (schema instanceof z.ZodNumber) return arbitraryNumber(schema);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNull) return fc.constant(null);
  if (schema instanceof z.ZodUndefined) return fc.constant(undefined);
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodArray) return arbitraryArray(schema);
  if (schema instanceof z.ZodRecord) {
    return fc.dictionary(
      arbitraryInput(inner(schema.keyType)) as fc.Arbitrary<string>,
      arbitraryInput(inner(schema.valueType)),
      { maxKeys: itemsMax, noNullPrototype: true },
    );
  }
  if (schema instanceof z.ZodUnion) {
    return fc.oneof(...schema.options.map((option) => arbitraryInput(inner(option))));
  }
  if (schema instanceof z.ZodNullable) {
    return fc.option(arbitraryInput(inner(schema.unwrap())), { nil: null });
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return fc.option(arbitraryInput(inner(schema.unwrap())), { nil: undefined });
  }
  // What `preprocess` does is known only to it: its input is made like its output.
  if (schema instanceof z.ZodPipe) {
    return arbitraryInput(inner(schema.in instanceof z.ZodTransform ? schema.out : schema.in));
  }
  // Free-form JSON, of which the documents say that it is an object.
  if (schema instanceof z.ZodUnknown) return arbitraryJsonObject();
  throw new Error(`Teach arbitraryInput to make a ${schema.def.type}.`);
}

/** Fields that may be missing are missing half of the time. */
function arbitraryObject(schema: z.ZodObject): fc.Arbitrary<unknown> {
  const fields = Object.entries<z.ZodType>(schema.shape);
  const optional = fields.filter(([, field]) => field.safeParse(undefined).success).map(([name]) => name);
  const model = Object.fromEntries(fields.map(([name, field]) => [name, arbitraryInput(field)]));
  return fc
    .record(model, {
      requiredKeys: fields.map(([name]) => name).filter((name) => !optional.includes(name)),
      noNullPrototype: true,
    })
    .map(withoutUndefined);
}

/** JSON has no undefined: a field that has it is not there. */
function withoutUndefined(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}

function arbitraryArray(schema: z.ZodArray): fc.Arbitrary<unknown> {
  const { minLength, maxLength } = readLengths(schema, itemsMax);
  return fc.array(arbitraryInput(inner(schema.element)), { minLength, maxLength });
}

/** Whole numbers, numbers with two decimals, and any; with the ends of the range among them. */
function arbitraryNumber(schema: z.ZodNumber): fc.Arbitrary<number> {
  const min = schema.minValue ?? -Infinity;
  const max = schema.maxValue ?? Infinity;
  if (schema.format !== null) return integersBetween(min, max);
  return fc.oneof(
    integersBetween(Math.ceil(min), Math.max(Math.ceil(min), Math.floor(max))),
    integersBetween(Math.ceil(min * 100), Math.floor(max * 100)).map((hundredths) => hundredths / 100),
    fc.double({ min, max, noNaN: true, noDefaultInfinity: true }),
  );
}

function integersBetween(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({
    min: Math.max(min, Number.MIN_SAFE_INTEGER),
    max: Math.min(max, Number.MAX_SAFE_INTEGER),
  });
}

/** Without the one name that no body may have. */
function arbitraryJsonObject(): fc.Arbitrary<unknown> {
  return fc
    .dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true })
    .filter((value) => !JSON.stringify(value).includes('"__proto__":'));
}

/** Zod types the schemas inside of schemas by what all its packages share; those of this contract are all of this one. */
function inner(schema: z.core.$ZodType): z.ZodType {
  return schema as z.ZodType;
}
