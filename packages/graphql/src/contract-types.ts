import {
  type JsonSchema,
  readContractSchemas,
  readSchema,
  referenceName,
  resolve,
} from "@obsqra/contract/schemas";
import {
  GraphQLEnumType,
  type GraphQLFieldConfigMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLUnionType,
} from "graphql";
import type { z } from "zod";
import type { GraphqlContext } from "./create-graphql-schema.ts";
import { jsonScalar, scalarOf } from "./scalars.ts";

/** Whether null is among the values, and a schema of the others; without one where they are of several kinds. */
interface Nullable {
  readonly isNullable: boolean;
  readonly schema: JsonSchema;
}

/** The types of a GraphQL schema, made from the contract's by their ids. */
export interface ContractTypes {
  /** @param name what it is called if the contract has no name for it */
  output(schema: JsonSchema, name: string): GraphQLOutputType;
  input(schema: JsonSchema, name: string): GraphQLInputType;
  /** The fields of an object by their names. */
  fields(schema: JsonSchema): readonly ContractField[];
  /** What was made of this name before, or makes it: a name stands for one type. */
  once<TType extends GraphQLNamedType>(name: string, make: () => TType): TType;
  /** A schema that is no endpoint's, with what it names. Undefined where it is of nothing. */
  addSchema(schema: z.ZodType): JsonSchema | undefined;
}

/** An object as the contract has it, by the names of its fields. */
export type ContractObject = Readonly<Record<string, unknown>>;

/** A field of an object in the contract. */
interface ContractField {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

/** Fields of a type beside those of its schema. */
type MoreFields = (
  type: string,
  types: ContractTypes,
) => GraphQLFieldConfigMap<ContractObject, GraphqlContext>;

/** Makes types, each once: two that have one name are one. */
export function createContractTypes(moreFields: MoreFields = () => ({})): ContractTypes {
  const named = new Map(readContractSchemas().named);
  const made = new Map<string, GraphQLNamedType>();

  function once<TType extends GraphQLNamedType>(name: string, make: () => TType): TType {
    const known = made.get(name) ?? make();
    made.set(name, known);
    // Whoever asks for a name knows what it stands for: inputs are called so.
    return known as TType;
  }

  function output(schema: JsonSchema, name: string): GraphQLOutputType {
    const { isNullable, schema: value } = withoutNull(schema, named);
    const type = plainOutput(value, name);
    return isNullable ? type : new GraphQLNonNull(type);
  }

  function plainOutput(schema: JsonSchema, anonymous: string) {
    const name = nameOf(schema) ?? anonymous;
    const target = resolve(schema, named);
    if (target.type === "array") return new GraphQLList(output(target.items as JsonSchema, anonymous));
    if (target.oneOf !== undefined) return once(name, () => unionOf(name, target));
    if (target.properties === undefined) return leafOf(target, schema, name);
    return once(name, () => {
      const ofSchema = () =>
        Object.fromEntries(
          fieldsOf(target).map((field) => {
            const { name: fieldName, schema: inner, isRequired } = field;
            const type = output(inner, name + capitalised(fieldName));
            return [fieldName, { type: isRequired ? type : nullable(type), description: describe(inner) }];
          }),
        );
      const fields = () => ({ ...moreFields(name, types), ...ofSchema() });
      return new GraphQLObjectType({ name, description: target.description, fields });
    });
  }

  /** One of several objects, which tell by a field that each has which of them they are. */
  function unionOf(name: string, { oneOf = [], description }: JsonSchema): GraphQLUnionType {
    const byTag = new Map(
      oneOf.map((member) => {
        const { properties = {} } = resolve(member as JsonSchema, named);
        return [tagOf(properties), nameOf(member as JsonSchema) ?? ""] as const;
      }),
    );
    return new GraphQLUnionType({
      name,
      description,
      types: oneOf.map((member) => plainOutput(member as JsonSchema, name) as GraphQLObjectType),
      resolveType: (value: { readonly type?: unknown }) => byTag.get(String(value.type)),
    });
  }

  function input(schema: JsonSchema, name: string): GraphQLInputType {
    const { isNullable, schema: value } = withoutNull(schema, named);
    const type = plainInput(value, name);
    return isNullable ? type : new GraphQLNonNull(type);
  }

  function plainInput(schema: JsonSchema, anonymous: string) {
    const given = nameOf(schema) ?? anonymous;
    const target = resolve(schema, named);
    if (target.type === "array") return new GraphQLList(input(target.items as JsonSchema, anonymous));
    if (target.properties === undefined) return leafOf(target, schema, given);
    const name = given.endsWith("Input") ? given : `${given}Input`;
    return once(name, () => {
      const fields = () =>
        Object.fromEntries(
          fieldsOf(target).map((field) => {
            const { name: fieldName, schema: inner, isRequired } = field;
            const type = input(inner, given + capitalised(fieldName));
            return [fieldName, { type: isRequired ? type : nullable(type), description: describe(inner) }];
          }),
        );
      return new GraphQLInputObjectType({ name, description: target.description, fields });
    });
  }

  /** What has no fields. Texts of which only some are good are an enum, unless GraphQL could not write one of them. */
  function leafOf(target: JsonSchema, schema: JsonSchema, name: string) {
    const values = target.enum;
    if (values?.every((value) => typeof value === "string" && /^[_A-Za-z]\w*$/.test(value))) {
      const description = schema.$ref === undefined ? undefined : target.description;
      return once(name, () => {
        const entries = values.map((value) => [String(value), {}]);
        return new GraphQLEnumType({ name, description, values: Object.fromEntries(entries) });
      });
    }
    const isMap = target.type === "object" && schema.$ref !== undefined;
    return isMap ? once(name, () => jsonScalar(name, target.description)) : scalarOf(target);
  }

  const types: ContractTypes = {
    output,
    input,
    fields: (schema) => fieldsOf(resolve(schema, named)),
    once,
    addSchema: (schema) => readSchema(schema, "output", named),
  };
  return types;
}

/** `RiskTolerance` of a schema that refers to it. */
export function nameOf({ $ref }: JsonSchema): string | undefined {
  return $ref === undefined ? undefined : referenceName($ref);
}

/** `ListenUntil` of `listen_until`. */
export function capitalised(name: string): string {
  return name
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

/** What a field means, with what is taken where it is left out. */
export function describe({ description, default: fallback }: JsonSchema): string | undefined {
  if (fallback === undefined || typeof fallback === "object") return description;
  return [description, `Default: ${String(fallback)}`].filter(Boolean).join(". ");
}

export function nullable<TType extends GraphQLOutputType | GraphQLInputType>(type: TType) {
  return type instanceof GraphQLNonNull ? (type.ofType as TType) : type;
}

function fieldsOf({ properties = {}, required = [] }: JsonSchema): ContractField[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    // Only where anything or nothing is allowed is a schema a boolean, which the contract does not say.
    schema: schema as JsonSchema,
    isRequired: required.includes(name),
  }));
}

function withoutNull(schema: JsonSchema, named: ReadonlyMap<string, JsonSchema>): Nullable {
  const { type, anyOf, ...others } = schema;
  if (Array.isArray(type)) {
    const kinds = type.filter((kind) => kind !== "null");
    const [kind] = kinds;
    const isNullable = kinds.length < type.length;
    return { isNullable, schema: kinds.length === 1 && kind !== undefined ? { ...others, type: kind } : {} };
  }
  if (anyOf === undefined) {
    const isJson = schema.$ref !== undefined && resolve(schema, named).anyOf !== undefined;
    return { isNullable: isJson, schema: isJson ? {} : schema };
  }
  const kinds = anyOf.filter((each) => typeof each === "object" && each.type !== "null");
  const [kind] = kinds;
  const isNullable = kinds.length < anyOf.length;
  return { isNullable, schema: kinds.length === 1 ? { ...others, ...(kind as JsonSchema) } : {} };
}

function tagOf({ type }: NonNullable<JsonSchema["properties"]>): string {
  return String((type as JsonSchema | undefined)?.const);
}
