import { isList, listEndpoints, type NamedEndpoint, type Problem } from "@obsqra/contract";
import { readContractSchemas, resolve, withoutLeftOut } from "@obsqra/contract/schemas";
import {
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLInputType,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLUnionType,
} from "graphql";
import { connectionOf } from "./connections.ts";
import {
  type ContractTypes,
  capitalised,
  createContractTypes,
  describe,
  nameOf,
  nullable,
} from "./contract-types.ts";
import { DeclaredProblem, problemTypeOf } from "./problem-types.ts";
import { relationFields } from "./relations.ts";
import { done } from "./scalars.ts";

/** What the fields of an operation are resolved with. */
export interface GraphqlContext {
  /** Calls an endpoint for whoever has sent the operation. */
  call(path: string, input: unknown): Promise<unknown>;
  /** Opens a subscription; what it gives is read by whoever serves it. */
  open(path: string, input: unknown): Promise<AsyncIterable<unknown>>;
  /** What is told of an error that a call has thrown. */
  toProblem(error: unknown): Problem;
}

type Field = GraphQLFieldConfig<unknown, GraphqlContext>;

/**
 * Makes a GraphQL schema of the contract: a query or a mutation for each endpoint, a subscription for each stream. Whatever a field does is
 * done by a call of its endpoint.
 */
export function createGraphqlSchema(): GraphQLSchema {
  const types = createContractTypes(relationFields);
  const [query, mutation, subscription] = (["query", "mutation", "subscription"] as const).map((kind) => {
    const named = listEndpoints().filter(({ endpoint }) => endpoint.kind === kind);
    const fields = () =>
      Object.fromEntries(named.map((each) => [fieldName(each.path), toField(each, types)]));
    return new GraphQLObjectType({ name: capitalised(kind), fields });
  });
  return new GraphQLSchema({ query, mutation, subscription });
}

/** The field of an endpoint: `auth_me` of `auth.me`. */
export function fieldName(path: string): string {
  return path.replaceAll(".", "_");
}

function toField(named: NamedEndpoint, types: ContractTypes): Field {
  const { path, endpoint } = named;
  const { summary, description, deprecation, kind } = endpoint;
  const isPaged = isList(endpoint);
  const args = argumentsOf(named, types);
  const schema = readContractSchemas().endpoints.get(endpoint)?.input;
  const toInput = (given: Readonly<Record<string, unknown>>) =>
    schema === undefined || Object.keys(args).length === 0
      ? undefined
      : withoutLeftOut(schema, isPaged ? toPageInput(given) : given);
  const field: Field = {
    type: resultOf(named, types),
    description: [`${summary}.`, description].filter(Boolean).join(" "),
    args,
    // Who measures an operation reads from it which endpoint a field calls.
    extensions: { path },
    ...(deprecation !== undefined && {
      deprecationReason: `Use ${fieldName(deprecation.successor ?? "what the documentation says")}.`,
    }),
  };
  if (kind === "subscription") {
    return {
      ...field,
      subscribe: (_, given, { open }) => open(path, toInput(given)),
      resolve: (event) => event,
    };
  }
  return {
    ...field,
    resolve: async (_, given, context) => {
      try {
        return (await context.call(path, toInput(given))) ?? { done: true };
      } catch (error) {
        return DeclaredProblem.orThrow(context.toProblem(error), endpoint);
      }
    },
  };
}

/** The fields of an endpoint's input; of a list `first` and `after`, as connections have them. */
function argumentsOf(
  { path, endpoint }: NamedEndpoint,
  { input, fields }: ContractTypes,
): GraphQLFieldConfigArgumentMap {
  const schema = readContractSchemas().endpoints.get(endpoint)?.input;
  if (schema === undefined) return {};
  const isPaged = isList(endpoint);
  const owner = nameOf(schema) ?? `${capitalised(fieldName(path))}Input`;
  return Object.fromEntries(
    fields(schema).map(({ name, schema: inner, isRequired }) => {
      const type: GraphQLInputType = input(inner, owner + capitalised(name));
      const argument = { type: isRequired ? type : nullable(type), description: describe(inner) };
      return [isPaged ? (pageArguments.get(name) ?? name) : name, argument];
    }),
  );
}

const pageArguments = new Map([
  ["limit", "first"],
  ["cursor", "after"],
]);

function toPageInput({ first, after, ...others }: Readonly<Record<string, unknown>>): unknown {
  return {
    ...others,
    ...(first !== undefined && { limit: first }),
    ...(after !== undefined && { cursor: after }),
  };
}

/** What an endpoint gives, or one of the errors that it declares. Null where it fails with another, which is told beside the data. */
function resultOf({ path, endpoint }: NamedEndpoint, types: ContractTypes): GraphQLOutputType {
  const given = outputOf(endpoint, types);
  if (endpoint.errors.length === 0 || endpoint.kind === "subscription") return given;
  return new GraphQLUnionType({
    name: `${capitalised(fieldName(path))}Result`,
    description: `${endpoint.summary}, or why not`,
    types: [given, ...endpoint.errors.map((code) => problemTypeOf(code, types))],
    resolveType: (value) => (value instanceof DeclaredProblem ? value.typeName : given.name),
  });
}

function outputOf(endpoint: NamedEndpoint["endpoint"], types: ContractTypes): GraphQLObjectType {
  const { named, endpoints } = readContractSchemas();
  const schema = endpoints.get(endpoint)?.output;
  if (schema === undefined) return done;
  const name = nameOf(schema) ?? "";
  if (isList(endpoint)) return connectionOf(name, resolve(schema, named), types);
  // What an endpoint gives is an object, or one of several.
  return nullable(types.output(schema, name)) as GraphQLObjectType;
}
