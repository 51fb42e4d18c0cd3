import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  recommendedRules,
  specifiedRules,
  validate,
} from "graphql";
import { LRUCache } from "lru-cache";
import { measureOperation, type OperationCost } from "./measure-operation.ts";
import { type Refuse, toIssues } from "./operation-issues.ts";

/** The most that one operation may ask for. */
export interface OperationLimits {
  /** Words and signs of its text. */
  readonly tokens: number;
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly calls: number;
}

/** An operation that may be executed. */
export interface ReadOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly cost: OperationCost;
}

/** Reads the text of an operation. */
export type OperationReader = (text: string, name: string | undefined) => ReadOperation;

export interface OperationReaderOptions {
  readonly schema: GraphQLSchema;
  readonly limits: OperationLimits;
  /** Whether it may be asked what there is to be asked for. */
  readonly allowsIntrospection: boolean;
  readonly refuse: Refuse;
}

/** Texts that are known from before, most of them those of programs that send the same again and again. */
const knownMax = 200;

/**
 * Reads operations, each text once as long as it is remembered.
 *
 * @returns what throws what the options make of what is wrong
 */
export function createOperationReader(options: OperationReaderOptions): OperationReader {
  const { schema, limits, allowsIntrospection, refuse } = options;
  const known = new LRUCache<string, ReadOperation>({ max: knownMax });
  const rules = [
    ...specifiedRules,
    ...recommendedRules,
    ...(allowsIntrospection ? [] : [NoSchemaIntrospectionCustomRule]),
  ];
  return (text, name) => {
    const key = JSON.stringify([name, text]);
    const read = known.get(key) ?? readShallow(text, name);
    known.set(key, read);
    return read;
  };

  /** Values within values are read and validated one within the other: of too many, the stack has an end. */
  function readShallow(text: string, name: string | undefined): ReadOperation {
    try {
      return readNew(text, name);
    } catch (error) {
      throw error instanceof RangeError ? refuseFor("nest values less deep") : error;
    }
  }

  function readNew(text: string, name: string | undefined): ReadOperation {
    const document = parseText(text);
    const operation = findOperation(document, name);
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const each of document.definitions) {
      if (each.kind === "FragmentDefinition") fragments.set(each.name.value, each);
    }
    const root = schema.getRootType(operation.operation) ?? undefined;
    const cost = measureOperation(operation, fragments, root);
    // Before it is validated: that takes longer for what is large.
    const excess = findExcess(cost, limits);
    if (excess !== undefined) throw refuseFor(excess);
    const errors = validate(schema, document, rules, {
      maxErrors: 10,
      hideSuggestions: !allowsIntrospection,
    });
    if (errors.length > 0) throw refuse(toIssues("query", errors));
    return { document, operation, cost };
  }

  function parseText(text: string): DocumentNode {
    try {
      return parse(text, { maxLexicalTokens: limits.tokens, maxComments: limits.tokens });
    } catch (error) {
      throw error instanceof GraphQLError ? refuse(toIssues("query", [error])) : error;
    }
  }

  function findOperation({ definitions }: DocumentNode, name: string | undefined): OperationDefinitionNode {
    const operations = definitions.filter((each) => each.kind === "OperationDefinition");
    const [first, ...others] = operations.filter((each) => name === undefined || each.name?.value === name);
    if (first === undefined) throw refuseFor("there is no such operation");
    if (others.length > 0) throw refuseFor("name one of the operations in operationName");
    return first;
  }

  function refuseFor(message: string): Error {
    return refuse([{ path: "query", message }]);
  }
}

/** What there is too much of. */
function findExcess(cost: OperationCost, limits: OperationLimits): string | undefined {
  const calls = [...cost.calls.values()].reduce((sum, times) => sum + times, 0);
  if (cost.depth > limits.depth) return `nest at most ${limits.depth} fields, those of fragments included`;
  if (cost.fields > limits.fields) {
    return `ask for at most ${limits.fields} fields, those of a fragment each time that it is spread`;
  }
  if (cost.aliases > limits.aliases) return `use at most ${limits.aliases} aliases`;
  return calls > limits.calls ? `call at most ${limits.calls} endpoints in one operation` : undefined;
}
