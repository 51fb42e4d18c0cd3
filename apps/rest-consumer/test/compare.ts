import type { Endpoint } from "@obsqra/contract";
import type { operations } from "../src/api.ts";

/**
 * What differs between an endpoint of the contract and the types that openapi-typescript makes of its operation, whose
 * response has this status.
 */
export type Differences<
  TEndpoint extends Endpoint,
  TOperation extends keyof operations,
  TStatus extends number,
> =
  | Named<
      "input",
      TOperation,
      Equal<Given<TEndpoint["input"]["_zod"]["input"]>, Request<operations[TOperation]>>
    >
  | Named<
      "output",
      TOperation,
      Equal<TEndpoint["output"]["_zod"]["output"], ResponseBody<operations[TOperation], TStatus>>
    >;

type Named<TPart extends string, TOperation extends string, TIsEqual> = TIsEqual extends true
  ? never
  : `${TPart} of ${TOperation}`;

/** Compiles for `never` only; otherwise the compiler's message names what differs. */
export function expectNone<TDifference extends never>(): TDifference | undefined {
  return undefined;
}

/**
 * True only for types that are the same to the compiler, field by field. Leave the last two parameters out: the compiler
 * compares what it knows, and it would take two `Plain`s for the same before it knows what is in them.
 */
export type Equal<TLeft, TRight, TPlainLeft = Plain<TLeft>, TPlainRight = Plain<TRight>> =
  (<T>() => T extends TPlainLeft ? 1 : 2) extends <T>() => T extends TPlainRight ? 1 : 2 ? true : false;

/** Without the names of types and the seams of intersections. Any JSON is `unknown` to openapi-typescript. */
type Plain<T> = unknown extends T ? T : [Json] extends [T] ? unknown : PlainFields<T>;

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

type PlainFields<T> = T extends (infer TItem)[]
  ? Plain<TItem>[]
  : T extends object
    ? { [TKey in keyof T]: Plain<T[TKey]> }
    : T;

/** An input that may be left out as a whole is still the same input; REST sends no fields then. */
type Given<TInput> = [Exclude<TInput, undefined>] extends [never] ? undefined : Exclude<TInput, undefined>;

/** All that is sent: path, query and body. `undefined` when there is nothing to send. */
type Request<TOperation> = TOperation extends { parameters: infer TParameters }
  ? OrUndefined<Part<TParameters, "path"> & Part<TParameters, "query"> & Body<TOperation>>
  : never;

type Part<TParameters, TPlace extends string> = TParameters extends { [TKey in TPlace]?: infer TFields }
  ? [Exclude<TFields, undefined>] extends [never]
    ? unknown
    : Exclude<TFields, undefined>
  : unknown;

type Body<TOperation> = TOperation extends { requestBody?: infer TBody }
  ? Exclude<TBody, undefined> extends { content: { "application/json": infer TContent } }
    ? TContent
    : unknown
  : unknown;

type OrUndefined<T> = unknown extends T ? undefined : T;

type ResponseBody<TOperation, TStatus> = TOperation extends { responses: infer TResponses }
  ? TStatus extends keyof TResponses
    ? TResponses[TStatus] extends { content: { "application/json": infer TContent } }
      ? TContent
      : undefined
    : "no such status"
  : never;
