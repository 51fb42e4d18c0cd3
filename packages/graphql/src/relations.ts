import { listEndpoints, type Relation, relations } from "@obsqra/contract";
import { type JsonSchema, readContractSchemas, resolve } from "@obsqra/contract/schemas";
import DataLoader from "dataloader";
import type { GraphQLFieldConfig, GraphQLFieldConfigMap } from "graphql";
import { type ContractObject, type ContractTypes, nullable } from "./contract-types.ts";
import type { GraphqlContext } from "./create-graphql-schema.ts";
import { toGraphqlError } from "./problem-types.ts";

interface Page {
  readonly items: readonly ContractObject[];
  readonly next_cursor: string | null;
}

type Loader = DataLoader<string, ContractObject | null>;

/** The loaders of an operation, for as long as it is executed. */
const loaders = new WeakMap<GraphqlContext, Map<Relation, Loader>>();

/** The endpoints that fields below the top call, by the names of the fields, which nothing else has. */
export const relationPaths: ReadonlyMap<string, string> = new Map(
  relations.map(({ name, path }) => [name, path]),
);

/** The fields by which objects of a type lead to others. All of one name in an operation are found by one call. */
export function relationFields(
  type: string,
  types: ContractTypes,
): GraphQLFieldConfigMap<ContractObject, GraphqlContext> {
  const ofType = relations.filter(({ of }) => of.includes(type));
  return Object.fromEntries(ofType.map((relation) => [relation.name, toField(relation, types)]));
}

function toField(
  relation: Relation,
  types: ContractTypes,
): GraphQLFieldConfig<ContractObject, GraphqlContext> {
  const { description, by } = relation;
  const { item } = listOf(relation);
  return {
    type: nullable(types.output(item, relation.name)),
    description,
    extensions: { isRelation: true },
    resolve: (object, _, context) => {
      const key = object[by];
      return typeof key === "string" ? loaderOf(relation, context).load(key) : null;
    },
  };
}

function loaderOf(relation: Relation, context: GraphqlContext): Loader {
  const ofOperation = loaders.get(context) ?? new Map<Relation, Loader>();
  loaders.set(context, ofOperation);
  const loader = ofOperation.get(relation) ?? new DataLoader((keys) => find(relation, keys, context));
  ofOperation.set(relation, loader);
  return loader;
}

/** Reads the list until all are found: mostly one page. A list that can be asked for one is asked for that. */
async function find(
  relation: Relation,
  keys: readonly string[],
  context: GraphqlContext,
): Promise<(ContractObject | null)[]> {
  const { path, by, input } = relation;
  const { limit, filters } = listOf(relation);
  const [only] = keys.length === 1 && filters.has(by) ? keys : [];
  const found = new Map<unknown, ContractObject>();
  let cursor: string | null = null;
  do {
    const asked = {
      ...input,
      limit,
      ...(only !== undefined && { [by]: only }),
      ...(cursor !== null && { cursor }),
    };
    const page = await read(path, asked, context);
    for (const item of page.items) found.set(item[by], item);
    cursor = page.next_cursor;
  } while (cursor !== null && keys.some((key) => !found.has(key)));
  return keys.map((key) => found.get(key) ?? null);
}

async function read(path: string, input: object, context: GraphqlContext): Promise<Page> {
  try {
    // What a list gives is a page.
    return (await context.call(path, input)) as Page;
  } catch (error) {
    throw toGraphqlError(context.toProblem(error));
  }
}

/** What the contract says of a list: the schema of its items, the longest page, and what it can be asked for. */
function listOf({ path }: Relation) {
  const endpoint = listEndpoints().find((each) => each.path === path)?.endpoint;
  const { named, endpoints } = readContractSchemas();
  const { input = {}, output = {} } = (endpoint && endpoints.get(endpoint)) ?? {};
  const { properties = {} } = resolve(input, named);
  const { items } = resolve(output, named).properties ?? {};
  const limit = properties.limit as JsonSchema;
  return {
    item: resolve(items as JsonSchema, named).items as JsonSchema,
    limit: limit.maximum,
    filters: new Set(Object.keys(properties)),
  };
}
