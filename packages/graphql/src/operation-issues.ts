import type { GraphQLError } from "graphql";

/** What is wrong with an operation as it was sent: where it is in the request, and what. */
export interface OperationIssue {
  readonly path: "query" | "variables";
  readonly message: string;
}

/** Makes the error that is thrown where nothing of an operation is done. */
export type Refuse = (issues: readonly OperationIssue[]) => Error;

/** The library repeats values that are wrong: however long they are, and what has others within on a line of its own. */
const messageCharactersMax = 300;

/** What the library says, shortened, with the line and column. */
export function toIssues(path: OperationIssue["path"], errors: readonly GraphQLError[]): OperationIssue[] {
  return errors.map(({ message, locations }) => {
    const [place] = locations ?? [];
    const said =
      message.length > messageCharactersMax
        ? `${[...message].slice(0, messageCharactersMax).join("")}…`
        : message;
    // What it is told in ends with a full stop of its own.
    const sentence = said.replace(/\.$/, "");
    return { path, message: place === undefined ? sentence : `${place.line}:${place.column}: ${sentence}` };
  });
}
