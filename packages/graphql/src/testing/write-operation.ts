import { isDeepStrictEqual } from "node:util";
import { isList, listEndpoints, type NamedEndpoint } from "@obsqra/contract";
import { type JsonSchema, readContractSchemas, resolve, withoutLeftOut } from "@obsqra/contract/schemas";
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  getVariableValues,
  isObjectType,
  isUnionType,
  type OperationDefinitionNode,
  parse,
} from "graphql";
import { createGraphqlSchema, fieldName } from "../create-graphql-schema.ts";
import { isProblemType } from "../problem-types.ts";

/** An operation that calls one endpoint and asks for everything that it gives. */
export interface WrittenOperation {
  readonly query: string;
  /** The variables that say an input. Undefined where GraphQL has no way to say it: what its types refuse never gets to the endpoint. */
  toVariables(input: unknown): Readonly<Record<string, unknown>> | undefined;
  /** What the response says, as the endpoint has given it. */
  read(response: GraphqlBody): WrittenResult;
}

/** What came of a call. */
export interface WrittenResult {
  readonly output?: unknown;
  readonly problem?: {
    readonly code: string;
    readonly title?: string;
    readonly detail: string;
    readonly details?: unknown;
    readonly request_id: string;
  };
}

export interface GraphqlBody {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: { readonly code: string; readonly details?: unknown; readonly request_id: string };
  }[];
}

const schema = createGraphqlSchema();
const written = new Map<string, WrittenOperation>();

/** Writes the operation of an endpoint, such as `auth.me`. */
export function writeOperation(path: string): WrittenOperation {
  const known = written.get(path) ?? write(path);
  written.set(path, known);
  return known;
}

function write(path: string): WrittenOperation {
  const named = listEndpoints().find((each) => each.path === path);
  const name = fieldName(path);
  // The contract's kinds are the words of GraphQL's own enumeration, which takes no words.
  const field = named && schema.getRootType(named.endpoint.kind as never)?.getFields()[name];
  if (named === undefined || field == null) throw new Error(`There is no endpoint ${path}.`);
  const definitions = field.args.map((argument) => `$${argument.name}: ${String(argument.type)}`);
  const given = field.args.map((argument) => `${argument.name}: $${argument.name}`);
  const inBrackets = (parts: readonly string[]) => (parts.length === 0 ? "" : `(${parts.join(", ")})`);
  const query = `${named.endpoint.kind} ${inBrackets(definitions)} { ${name}${inBrackets(given)} ${selectionOf(field.type)} }`;
  const [operation] = parse(query).definitions;
  return {
    query,
    toVariables: (input) => toVariables(input, named, field, operation as OperationDefinitionNode),
    read: ({ data, errors }) => {
      const [error] = errors ?? [];
      if (error === undefined) return readResult(data?.[name], named);
      const { code, details, request_id } = error.extensions;
      return { problem: { code, detail: error.message, details, request_id } };
    },
  };
}

/** All fields of a type but those that lead to other calls. The details of errors have other types each, and so another name each. */
function selectionOf(type: GraphQLOutputType): string {
  const target = getNamedType(type);
  if (isUnionType(target)) {
    const members = target.getTypes().map((member) => `... on ${member.name} ${selectionOf(member)}`);
    return `{ __typename ${members.join(" ")} }`;
  }
  if (!isObjectType(target)) return "";
  const isConnection = target.name.endsWith("Connection");
  const fields = Object.values(target.getFields()).filter(
    ({ name, extensions }) => extensions.isRelation !== true && (!isConnection || name !== "edges"),
  );
  const texts = fields.map((field) => `${aliasOf(field, target)}${field.name} ${selectionOf(field.type)}`);
  return `{ ${texts.join(" ")} }`;
}

function aliasOf({ name }: GraphQLField<unknown, unknown>, type: GraphQLObjectType): string {
  return isProblemType(type.name) && name === "details" ? `${type.name}_details: ` : "";
}

function toVariables(
  input: unknown,
  { endpoint }: NamedEndpoint,
  field: GraphQLField<unknown, unknown>,
  operation: OperationDefinitionNode,
) {
  if (input !== undefined && (typeof input !== "object" || input === null || Array.isArray(input)))
    return undefined;
  // Of a change that may be asked for with nothing it is known which of both was sent: here it is always an object.
  if (input === undefined && endpoint.kind === "mutation" && field.args.length > 0) return undefined;
  const { limit, cursor, ...others } = { ...input } as Record<string, unknown>;
  const renamed = isList(endpoint) ? { ...others, first: limit, after: cursor } : { ...input };
  // As JSON has it: what is undefined is not there.
  const variables = JSON.parse(JSON.stringify(renamed)) as Record<string, unknown>;
  const isKnown = Object.keys(variables).every((name) =>
    field.args.some((argument) => argument.name === name),
  );
  const { variableValues, errors } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    variables,
  );
  // What null would leave out, the contract refuses.
  const inputSchema = readContractSchemas().endpoints.get(endpoint)?.input ?? {};
  const isTaken = isDeepStrictEqual(plain(withoutLeftOut(inputSchema, { ...input })), plain({ ...input }));
  // It takes one value for a list of one, and a number for an id, which the contract does not.
  const isSame = errors === undefined && isDeepStrictEqual(plain(variableValues.coerced), plain(variables));
  return isKnown && isSame && isTaken ? variables : undefined;
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function readResult(value: unknown, { endpoint }: NamedEndpoint): WrittenResult {
  const { __typename: type = "", ...result } = value as Record<string, unknown>;
  if (isProblemType(String(type))) {
    const { code, title, detail, request_id, [`${String(type)}_details`]: details } = result;
    return { problem: { code, title, detail, details, request_id } as NonNullable<WrittenResult["problem"]> };
  }
  if (result.done === true) return { output: undefined };
  const schema = readContractSchemas().endpoints.get(endpoint)?.output ?? {};
  if (!isList(endpoint)) return { output: withoutUnset(result, schema) };
  const { nodes, pageInfo, ...others } = result;
  const { endCursor } = pageInfo as { readonly endCursor: string | null };
  return { output: withoutUnset({ ...others, items: nodes, next_cursor: endCursor }, schema) };
}

/** Leaves out the fields that are null because the endpoint has not given them: GraphQL makes no difference between the two. */
function withoutUnset(value: unknown, schema: JsonSchema): unknown {
  const { named } = readContractSchemas();
  const target = resolve(schema, named);
  // What may be null is one of two.
  const { items, properties, required = [] } = resolve((target.anyOf?.[0] ?? target) as JsonSchema, named);
  if (Array.isArray(value) && items !== undefined)
    return value.map((item) => withoutUnset(item, items as JsonSchema));
  if (typeof value !== "object" || value === null || properties === undefined) return value;
  const fields = Object.entries(value).filter(([name, inner]) => inner !== null || required.includes(name));
  return Object.fromEntries(
    fields.map(([name, inner]) => [name, withoutUnset(inner, (properties[name] ?? {}) as JsonSchema)]),
  );
}
