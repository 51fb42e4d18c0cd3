import type { GraphQLError } from "graphql";

/** What is wrong with an operation as it was sent: where it is in the request, and what. */
export interface OperationIssue {
  readonly path: "query" | "variables";
  readonly message: string;
}

/** Makes the error that is thrown where nothing of an operation is done. */
export type Refuse = (issues: readonly OperationIssue[]) => Error;

/** What the library says, with the line and column. */
export function toIssues(path: OperationIssue["path"], errors: readonly GraphQLError[]): OperationIssue[] {
  return errors.map(({ message, locations }) => {
    const [place] = locations ?? [];
    return { path, message: place === undefined ? message : `${place.line}:${place.column}: ${message}` };
  });
}
