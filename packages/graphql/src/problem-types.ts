import { type Endpoint, type ErrorCode, errorCatalogue, type Problem, problemName } from "@obsqra/contract";
import {
  GraphQLError,
  GraphQLInterfaceType,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
} from "graphql";
import type { ContractTypes } from "./contract-types.ts";

const text = { type: new GraphQLNonNull(GraphQLString) };

/** What every error has, as over REST; without what other results call by the same name. */
const fields = {
  code: { ...text, description: "For programs" },
  title: text,
  detail: { ...text, description: "What happened and what to do about it; for people" },
  request_id: { ...text, description: "Quote it in a report" },
};

const problem = new GraphQLInterfaceType({
  name: "Problem",
  description: "Why a call gave nothing",
  fields,
  resolveType: (value: DeclaredProblem) => value.typeName,
});

/** Whether a type is that of an error, or of all: `problemName` ends all names of such so, and no other type's does. */
export function isProblemType(name: string): boolean {
  return name.endsWith("Problem");
}

/** The type of an error: what all have, and its details. */
export function problemTypeOf(
  code: ErrorCode,
  { addSchema, once, output }: ContractTypes,
): GraphQLObjectType {
  const name = problemName(code);
  return once(name, () => {
    const { cause, details } = errorCatalogue[code];
    const schema = addSchema(details);
    return new GraphQLObjectType({
      name,
      description: cause,
      interfaces: [problem],
      fields: { ...fields, ...(schema && { details: { type: output(schema, `${name}Details`) } }) },
    });
  });
}

/** An error that its endpoint declares: a result that it may have. */
export class DeclaredProblem {
  readonly typeName: string;

  private constructor(told: Problem) {
    this.typeName = problemName(told.code);
    Object.assign(this, told);
  }

  /** @throws GraphQLError with any other error */
  static orThrow(told: Problem, { errors }: Endpoint): DeclaredProblem {
    if (errors.includes(told.code)) return new DeclaredProblem(told);
    throw toGraphqlError(told);
  }
}

/** An error that no type of a result tells, beside the data. */
export function toGraphqlError({ detail, ...extensions }: Problem): GraphQLError {
  return new GraphQLError(detail, { extensions });
}
