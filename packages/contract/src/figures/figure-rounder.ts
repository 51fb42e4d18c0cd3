import { z } from "zod";
import { type FigureKind, type FigureMeta, figureRules } from "./figures.ts";

/** Gives a value with its figures rounded. Of objects and arrays it is the same one, changed. */
type Round = (value: unknown) => unknown;

const known = new WeakMap<z.ZodType, { readonly round: Round | undefined }>();

/**
 * What rounds the figures of an output by the kinds that its schema declares, in place: pass what nobody else has. Undefined where there is
 * nothing to round.
 *
 * @throws Error when a figure stands in a union, where a value alone does not tell which schema it follows, or in a schema of a type that
 * outputs have not had so far
 */
export function figureRounder(schema: z.ZodType): Round | undefined {
  const compiled = known.get(schema) ?? { round: compile(schema) };
  known.set(schema, compiled);
  return compiled.round;
}

function compile(schema: z.ZodType): Round | undefined {
  if (schema instanceof z.ZodNumber) return roundNumber(schema.meta() as FigureMeta | undefined);
  if (schema instanceof z.ZodObject) return roundFields(schema);
  if (schema instanceof z.ZodArray) return roundItems(innerRounder(schema.element));
  if (schema instanceof z.ZodRecord) return roundValues(innerRounder(schema.valueType));
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return whereThere(innerRounder(schema.unwrap()));
  }
  if (schema instanceof z.ZodUnion) {
    if (schema.options.some((option) => innerRounder(option) !== undefined)) {
      throw new Error("A figure in a union has no rule of rounding.");
    }
    return undefined;
  }
  if (hasNoFigures.has(schema.def.type)) return undefined;
  throw new Error(`How figures are rounded in a schema of type ${schema.def.type} is not known.`);
}

/** Among them free-form JSON, which is lazy: somebody else's numbers. */
const hasNoFigures: ReadonlySet<string> = new Set([
  "string",
  "boolean",
  "enum",
  "literal",
  "null",
  "undefined",
  "void",
  "lazy",
  "unknown",
  "any",
]);

/** Schemas inside others as their getters give them. */
function innerRounder(schema: unknown): Round | undefined {
  return figureRounder(schema as z.ZodType);
}

function roundNumber(meta: FigureMeta | undefined): Round | undefined {
  const kind = meta?.["x-figure"];
  if (kind === undefined) return undefined;
  return (value) => (typeof value === "number" ? roundFigure(kind, value) : value);
}

/** A figure as responses have it. */
export function roundFigure(kind: FigureKind, value: number): number {
  const scale = 10 ** figureRules[kind].decimals;
  // Adding nothing turns −0 into 0.
  const rounded = Math.round(value * scale) / scale + 0;
  if (kind !== "probability" || rounded === value) return rounded;
  return Math.min(Math.max(rounded, 1 / scale), 1 - 1 / scale);
}

function roundFields({ shape }: z.ZodObject): Round | undefined {
  const fields = Object.entries(shape).flatMap(([name, field]) => {
    const round = innerRounder(field);
    return round === undefined ? [] : [{ name, round }];
  });
  if (fields.length === 0) return undefined;
  return (value) => {
    const object = value as Record<string, unknown>;
    for (const { name, round } of fields) {
      const field = object[name];
      if (field !== undefined) object[name] = round(field);
    }
    return object;
  };
}

function roundItems(round: Round | undefined): Round | undefined {
  if (round === undefined) return undefined;
  return (value) => {
    const items = value as unknown[];
    for (let index = 0; index < items.length; index += 1) items[index] = round(items[index]);
    return items;
  };
}

function roundValues(round: Round | undefined): Round | undefined {
  if (round === undefined) return undefined;
  return (value) => {
    const object = value as Record<string, unknown>;
    for (const name of Object.keys(object)) object[name] = round(object[name]);
    return object;
  };
}

function whereThere(round: Round | undefined): Round | undefined {
  return round && ((value) => (value === null || value === undefined ? value : round(value)));
}
