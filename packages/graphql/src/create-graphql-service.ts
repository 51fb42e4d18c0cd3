import {
  createSourceEventStream,
  type ExecutionResult,
  executeRootSelectionSet,
  executeSubscriptionEvent,
  validateExecutionArgs,
  validateSubscriptionArgs,
} from "graphql";
import { createGraphqlSchema, type GraphqlContext } from "./create-graphql-schema.ts";
import { toIssues } from "./operation-issues.ts";
import { createOperationReader, type OperationReaderOptions, type ReadOperation } from "./read-operation.ts";

export type GraphqlServiceOptions = Omit<OperationReaderOptions, "schema">;

/** What an operation is executed with. */
export interface GraphqlRun {
  readonly context: GraphqlContext;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** Executes operations over the contract. */
export interface GraphqlService {
  /** @throws what the options make of what is wrong with it */
  read(text: string, name: string | undefined): ReadOperation;
  /** @throws what the options make of what is wrong with it */
  run(read: ReadOperation, run: GraphqlRun): Promise<ExecutionResult>;
  /**
   * Opens a subscription.
   *
   * @returns the result without data where it could not be opened
   * @throws what the options make of what is wrong with it
   */
  open<TSource>(read: ReadOperation, run: GraphqlRun): Promise<ExecutionResult | OpenedSubscription<TSource>>;
}

/** A subscription that was opened: what its endpoint gave, and what a caller gets of each event. */
export interface OpenedSubscription<TSource> {
  readonly source: TSource;
  toResult(event: unknown): Promise<ExecutionResult>;
}

/** Makes the schema, which takes a tenth of a second. */
export function createGraphqlService(options: GraphqlServiceOptions): GraphqlService {
  const { allowsIntrospection, refuse } = options;
  const schema = createGraphqlSchema();
  const read = createOperationReader({ ...options, schema });
  const argumentsOf = ({ document, operation }: ReadOperation, run: GraphqlRun) => ({
    schema,
    document,
    operationName: operation.name?.value,
    variableValues: run.variables,
    contextValue: run.context,
    abortSignal: run.signal,
    hideSuggestions: !allowsIntrospection,
  });
  return {
    read,
    run: async (operation, run) => {
      const valid = validateExecutionArgs(argumentsOf(operation, run));
      if (!("schema" in valid)) throw refuse(toIssues("variables", valid));
      return executeRootSelectionSet(valid);
    },
    open: async <TSource>(operation: ReadOperation, run: GraphqlRun) => {
      const valid = validateSubscriptionArgs(argumentsOf(operation, run));
      if (!("schema" in valid)) throw refuse(toIssues("variables", valid));
      const source = await createSourceEventStream(valid);
      if (!(Symbol.asyncIterator in source)) return source;
      return {
        // What the context has opened: the iterator is what makes GraphQL take it.
        source: source as TSource,
        toResult: async (event) => executeSubscriptionEvent({ ...valid, rootValue: event }),
      };
    },
  };
}
