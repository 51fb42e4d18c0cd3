import type { NamedEndpoint } from "@obsqra/contract";
import { arbitraryHostileValue, arbitraryInput, arbitraryInvalidInput } from "@obsqra/contract/testing";
import { writeOperation } from "@obsqra/graphql/testing";
import fc from "fast-check";

/** Bodies for GraphQL: operations of an endpoint with good, bad and strange variables, cut and changed ones, and what no client would write. */
export function hostileOperation({ path, endpoint }: NamedEndpoint): fc.Arbitrary<Uint8Array> {
  const { query } = writeOperation(path);
  const variables = fc.oneof(
    arbitraryInput(endpoint.input),
    arbitraryInvalidInput(endpoint.input),
    arbitraryHostileValue(),
  );
  const text = fc.oneof(
    { weight: 4, arbitrary: fc.constant(query) },
    { weight: 1, arbitrary: fc.nat(query.length).map((end) => query.slice(0, end)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(query.length), fc.constantFrom(...fragments))
        .map(([at, part]) => query.slice(0, at) + part + query.slice(at)),
    },
    { weight: 2, arbitrary: fc.constantFrom(...strange) },
  );
  const operation = fc.record(
    {
      query: fc.oneof({ weight: 9, arbitrary: text }, arbitraryHostileValue()),
      variables,
      operationName: fc.string(),
    },
    { requiredKeys: ["query"] },
  );
  return fc
    .oneof(
      { weight: 9, arbitrary: operation },
      fc.array(operation, { maxLength: 3 }),
      arbitraryHostileValue(),
    )
    .map((body) => Buffer.from(JSON.stringify(body) ?? ""));
}

const fragments = [
  "...f",
  "@skip(if: true)",
  "@include(if: $nobody)",
  "$",
  "\\",
  '"""',
  "#",
  "\ufeff",
  "\0",
  "{}",
  "(",
  "__typename",
  "a:a ",
];

/** What other servers have answered with their memory, their time or their stack. */
const strange = [
  "",
  "{",
  "{}",
  "{a".repeat(3_000),
  `${"{a".repeat(1_900)}${"}".repeat(1_900)}`,
  "{ __typename ...f } fragment f on Query { ...f }",
  "{ ...f } fragment f on Query { ...g } fragment g on Query { ...f __typename }",
  `{ ${"__typename ".repeat(3_000)} }`,
  `{ ${"a: __typename b: __typename ".repeat(500)} }`,
  "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
  '{ __type(name: "__proto__") { name } }',
  "{ constructor __proto__ toString }",
  "query ($a: [[[[Int]]]]) { __typename }",
  "query ($a: Json = {__proto__: {b: 1}}) { __typename }",
  "subscription { events_follow { __typename } __typename }",
  "mutation { __typename }",
  "query a { __typename } query a { __typename }",
  "{ __typename @defer @stream @skip(if: 1) }",
  "type Query { a: Int }",
  `{ auth_me(id: ${"[".repeat(1_000)}1) { id } }`,
  `{ a: __typename(b: "${"\\u{1F600}".repeat(2_000)}") }`,
  "{ auth_me { id } } #".padEnd(60_000, "x"),
];
