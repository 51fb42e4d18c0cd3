import { z } from "zod";

/** One of them fits every field of the contract; a schema that none fits needs an example in its `meta`. */
const candidates = [
  undefined,
  "0x5a1d",
  "019bc186-de00-7000-8000-a19af8b2bbf6",
  "somebody@example.org",
  "correct horse battery staple",
  "2026-01-15T12:00:00.000Z",
  "1",
  1,
  true,
  {},
];

/**
 * Makes an input that an endpoint accepts: its first example, or else what its required fields need.
 *
 * @throws Error when a field needs an example
 */
export function sampleInput(schema: z.ZodType, path = "input"): unknown {
  const [example] = z.array(z.unknown()).catch([]).parse(schema.meta()?.examples);
  if (example !== undefined) return example;
  if (schema.safeParse(undefined).success) return undefined;
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries<z.ZodType>(schema.shape);
    return Object.fromEntries(
      fields
        .map(([name, field]) => [name, sampleInput(field, `${path}.${name}`)])
        .filter(([, value]) => value !== undefined),
    );
  }
  if (schema instanceof z.ZodArray) return [sampleInput(schema.element as z.ZodType, path)];
  if (schema instanceof z.ZodEnum) return schema.options[0];
  if (schema instanceof z.ZodUnion) return sampleInput(schema.options[0] as z.ZodType, path);
  const fitting = candidates.find((candidate) => schema.safeParse(candidate).success);
  if (fitting === undefined) throw new Error(`Give ${path} an example, so that tests can call it.`);
  return fitting;
}

/**
 * The sample input, and each of its variations with another option of one of its enumerations: what an endpoint does
 * with a reference may depend on them.
 */
export function sampleInputs(schema: z.ZodType): unknown[] {
  const sample = sampleInput(schema);
  if (typeof sample !== "object" || sample === null || !(schema instanceof z.ZodObject)) return [sample];
  const variations = Object.entries<z.ZodType>(schema.shape).flatMap(([name, field]) =>
    field instanceof z.ZodEnum ? field.options.map((option) => ({ ...sample, [name]: option })) : [],
  );
  return variations.length === 0 ? [sample] : variations;
}
