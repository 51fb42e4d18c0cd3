import type { JsonSchema } from "@obsqra/contract/schemas";
import {
  GraphQLBoolean,
  type GraphQLFieldConfigMap,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
} from "graphql";
import { type ContractTypes, capitalised, describe, nullable } from "./contract-types.ts";

/** A page as an endpoint gives it. */
interface Page {
  readonly items: readonly unknown[];
  readonly next_cursor: string | null;
}

type PageFields = GraphQLFieldConfigMap<Page, unknown>;

const pageInfo = new GraphQLObjectType<Page>({
  name: "PageInfo",
  description: "Whether there is more, and where it goes on",
  fields: {
    hasNextPage: {
      type: new GraphQLNonNull(GraphQLBoolean),
      resolve: ({ next_cursor }) => next_cursor !== null,
    },
    endCursor: {
      type: GraphQLString,
      description: "Pass as after for the next page; null on the last",
      resolve: ({ next_cursor }) => next_cursor,
    },
    hasPreviousPage: {
      type: new GraphQLNonNull(GraphQLBoolean),
      description: "Pages are read forwards only",
      resolve: () => false,
    },
    startCursor: { type: GraphQLString, resolve: () => null },
  },
});

/**
 * The connection of a list, as Relay reads it, with the list's other fields. A page has one cursor, that of its end: the edges before have
 * none.
 */
export function connectionOf(name: string, list: JsonSchema, types: ContractTypes): GraphQLObjectType {
  return types.once(`${name}Connection`, () => createConnection(name, list, types));
}

function createConnection(name: string, list: JsonSchema, types: ContractTypes): GraphQLObjectType {
  const others = types.fields(list).filter(({ name: field }) => field !== "items" && field !== "next_cursor");
  const items = types.fields(list).find(({ name: field }) => field === "items")?.schema.items as JsonSchema;
  const node = types.output(items, `${name}Item`);
  const edge = new GraphQLObjectType({
    name: `${name}Edge`,
    fields: { node: { type: node }, cursor: { type: GraphQLString } },
  });
  const fields: PageFields = Object.fromEntries(
    others.map(({ name: field, schema, isRequired }) => {
      const type = types.output(schema, name + capitalised(field));
      return [field, { type: isRequired ? type : nullable(type), description: describe(schema) }];
    }),
  );
  return new GraphQLObjectType<Page>({
    name: `${name}Connection`,
    description: list.description,
    fields: {
      ...fields,
      nodes: { type: new GraphQLNonNull(new GraphQLList(node)), resolve: ({ items: nodes }) => nodes },
      edges: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(edge))), resolve: toEdges },
      pageInfo: { type: new GraphQLNonNull(pageInfo), resolve: (page) => page },
    },
  });
}

function toEdges({ items, next_cursor }: Page) {
  return items.map((node, index) => ({ node, cursor: index === items.length - 1 ? next_cursor : null }));
}
