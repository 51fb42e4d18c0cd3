import { decimalAmount, felt, filterMoment, usdAmount } from "@obsqra/contract";
import { type JsonSchema, readSchema } from "@obsqra/contract/schemas";
import {
  GraphQLBoolean,
  GraphQLError,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLString,
  valueFromASTUntyped,
} from "graphql";
import type { z } from "zod";

/** Texts that the contract checks more closely than their type says; what is refused here is refused by the endpoint, too. */
const amount = checkedText(
  "Amount",
  decimalAmount,
  "A decimal as a text, such as 1250.5: never negative, without exponent",
);
const usd = checkedText("UsdAmount", usdAmount, "US dollars as a text, such as 10000.50, from a cent on");
const feltText = checkedText("Felt", felt, "A field element of Starknet, hexadecimal or decimal");
const instant = checkedText("Instant", filterMoment, "A moment, ISO 8601; responses have UTC with a Z");
const textsByPattern = new Map([
  [patternOf(decimalAmount), amount],
  [patternOf(usdAmount), usd],
  [patternOf(felt), feltText],
]);

const safeInt = new GraphQLScalarType({
  name: "SafeInt",
  description: "A whole number up to 2^53 - 1, either way",
  coerceInputValue: (value) => {
    if (Number.isSafeInteger(value)) return value;
    throw new GraphQLError("Use a whole number.");
  },
});
const intMax = 2 ** 31 - 1;

/** Any JSON: what has no fields that are known, such as shares by protocol. */
const json = jsonScalar("Json", "Any JSON value");

/** What an endpoint gives that gives nothing: GraphQL asks for a field of something. */
export const done = new GraphQLObjectType({
  name: "Done",
  description: "It is done",
  fields: { done: { type: new GraphQLNonNull(GraphQLBoolean) } },
});

/** The scalar of a schema that has neither fields nor items; of what GraphQL has no type for, JSON. */
export function scalarOf(schema: JsonSchema): GraphQLScalarType {
  const { type, format, pattern = "", minimum, maximum } = schema;
  switch (type) {
    case "boolean":
      return GraphQLBoolean;
    case "number":
      return GraphQLFloat;
    case "integer":
      return (minimum ?? -intMax) >= -intMax && (maximum ?? Infinity) <= intMax ? GraphQLInt : safeInt;
    case "string":
      if (format === "date-time") return instant;
      if (format === "uuid") return GraphQLID;
      return textsByPattern.get(pattern) ?? GraphQLString;
    default:
      return json;
  }
}

/** A scalar for a named schema that is any JSON by its type, such as a map. */
export function jsonScalar(name: string, description: string | undefined): GraphQLScalarType {
  return new GraphQLScalarType({
    name,
    description,
    coerceInputValue: (value) => value,
    coerceInputLiteral: (node) => {
      const value = valueFromASTUntyped(node);
      // As in bodies: who writes it wants to be something else than a field.
      if (JSON.stringify(value)?.includes('"__proto__":'))
        throw new GraphQLError("No field may be called __proto__.");
      return value;
    },
  });
}

function checkedText(name: string, schema: z.ZodType, description: string): GraphQLScalarType {
  return new GraphQLScalarType({
    name,
    description,
    // As it came: the endpoint makes of it what the contract says.
    coerceInputValue: (value) => {
      const { error } = schema.safeParse(value);
      if (error === undefined) return value;
      throw new GraphQLError(error.issues[0]?.message ?? "invalid");
    },
  });
}

function patternOf(schema: z.ZodType): string {
  return readSchema(schema, "input", new Map())?.pattern ?? "";
}
