import { expect, it } from "vitest";
import { createGraphqlService } from "./create-graphql-service.ts";

const limits = { tokens: 2_000, depth: 16, fields: 500, aliases: 20, calls: 20 };

class Refused extends Error {}

function createService({ allowsIntrospection = true, tokens = limits.tokens } = {}) {
  return createGraphqlService({
    limits: { ...limits, tokens },
    allowsIntrospection,
    refuse: (issues) => new Refused(issues.map(({ path, message }) => `${path}: ${message}`).join("\n")),
  });
}

const service = createService();

function costOf(query: string) {
  const { depth, fields, aliases, calls } = service.read(query, undefined).cost;
  return { depth, fields, aliases, calls: Object.fromEntries(calls) };
}

/** So many fields within each other, each by what `wrap` makes of the one inside. */
function nest(depth: number, wrap: (inner: string, level: number) => string): string {
  return Array.from({ length: depth }).reduce<string>((inner, _, level) => wrap(inner, level), "name");
}

it("measures what an operation asks for, fragments as often as they are spread", () => {
  expect(costOf("{ auth_me { id email } again: auth_me { id } users_usage { plan } }")).toEqual({
    depth: 2,
    fields: 7,
    aliases: 1,
    calls: { "auth.me": 2, "users.usage": 1 },
  });
  const spread =
    "{ ...both a: auth_me { ...who } } fragment both on Query { auth_me { ...who } } fragment who on User { id }";
  expect(costOf(spread)).toMatchObject({ depth: 2, fields: 4, calls: { "auth.me": 2 } });
  expect(costOf("{ __typename }")).toMatchObject({ fields: 1, calls: {} });
});

it.each([
  ["fields", `{ __schema { types { ${nest(20, (inner) => `ofType { ${inner} }`)} } } }`],
  [
    "inline fragments",
    `{ __schema { types { ${nest(20, (inner) => `... { ofType { ... on __Type { ${inner} } } }`)} } } }`,
  ],
  [
    "fragments, whatever they are called",
    `{ __schema { types { ...__schema } } } fragment __schema on __Type { ${nest(20, (inner) => `ofType { ${inner} }`)} }`,
  ],
  [
    "fragments that were measured at a lower depth before",
    `{ a: __type(name: "User") { ...deep } __schema { types { ${nest(10, (inner) => `ofType { ${inner} ...deep }`)} } } }
     fragment deep on __Type { ${nest(8, (inner) => `ofType { ${inner} }`)} }`,
  ],
  [
    "introspection of fields of fields",
    `{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }`,
  ],
])("refuses what is nested too deep by %s", (_how, query) => {
  expect(() => service.read(query, undefined)).toThrow(/nest at most 16 fields|introspection depth/);
});

it("refuses fragments that double what they ask for, before it validates them", () => {
  const fragments = Array.from(
    { length: 40 },
    (_, level) => `fragment f${level} on User { ...f${level + 1} ...f${level + 1} }`,
  );
  const query = `{ auth_me { ...f0 } } ${fragments.join(" ")} fragment f40 on User { id }`;
  expect(() => service.read(query, undefined)).toThrow("ask for at most 500 fields");
});

it.each([
  [
    "aliases",
    `{ auth_me { ${Array.from({ length: 21 }, (_, each) => `a${each}: id`).join(" ")} } }`,
    "at most 20 aliases",
  ],
  [
    "calls, under names of fragments too",
    `{ ...f } fragment f on Query { ${Array.from({ length: 11 }, () => "auth_me { id }").join(" ")} ...g } fragment g on Query { ${Array.from({ length: 11 }, () => "auth_me { email }").join(" ")} }`,
    "at most 20 endpoints",
  ],
  ["words", `{ ${"auth_me { id } ".repeat(2_000)} }`, "2000 tokens"],
  [
    "fragments within themselves",
    "{ auth_me { ...f } } fragment f on User { id ...f }",
    "Cannot spread fragment",
  ],
  [
    "operations without a name to choose one by",
    "query a { __typename } query b { __typename }",
    "operationName",
  ],
  ["text that is none", "{ auth_me { id", "1:15: Syntax Error"],
])("refuses too many %s", (_what, query, message) => {
  expect(() => service.read(query, undefined)).toThrow(message);
});

it("is paid again for each alias by which a response has the same rows again", () => {
  const query = `{ auth_me { a: id b: id } again: auth_me { id } ...f } fragment f on Query { users_usage { c: plan } }`;
  expect(Object.fromEntries(service.read(query, undefined).cost.shares)).toEqual({
    "auth.me": 4,
    "users.usage": 2,
  });
  const error = `{ transactions_get(tx_hash: "0x1") { ... on TxHashInvalidProblem { a: code b: detail } ...f } } fragment f on Problem { c: code }`;
  expect(Object.fromEntries(service.read(error, undefined).cost.shares)).toEqual({ "transactions.get": 1 });
});

it("refuses values that are nested too deep", () => {
  const deep = createService({ tokens: 1_000_000 });
  const query = `{ auth_me(id: ${"[".repeat(20_000)}1${"]".repeat(20_000)}) { id } }`;
  expect(() => deep.read(query, undefined)).toThrow("nest values less deep");
});

it("takes the operation that is named", () => {
  const text = "query a { auth_me { id } } query b { users_usage { plan } }";
  expect([...service.read(text, "b").cost.calls.keys()]).toEqual(["users.usage"]);
  expect([...service.read(text, "a").cost.calls.keys()]).toEqual(["auth.me"]);
  expect(() => service.read(text, "c")).toThrow("no such operation");
});

it("tells its schema only to whom it may, and no names of it otherwise", () => {
  const closed = createService({ allowsIntrospection: false });
  for (const query of [
    "{ __schema { types { name } } }",
    '{ ...f } fragment f on Query { a: __type(name: "User") { name } }',
  ]) {
    expect(service.read(query, undefined).cost.fields).toBeGreaterThan(1);
    expect(() => closed.read(query, undefined)).toThrow("introspection");
  }
  expect(() => service.read("{ auth_mee { id } }", undefined)).toThrow("auth_me");
  expect(() => closed.read("{ auth_mee { id } }", undefined)).not.toThrow(/Did you mean|auth_me"/);
});

it("gives up queries when it is told to, with the reason", async () => {
  const late = new AbortController();
  const context = {
    call: () => new Promise(() => late.abort(new Error("too late"))),
    open: () => Promise.reject(new Error("not asked for")),
    toProblem: () => {
      throw new Error("not asked for");
    },
  };
  const read = service.read("{ auth_me { id } }", undefined);
  await expect(service.run(read, { context, variables: {}, signal: late.signal })).rejects.toThrow(
    "too late",
  );
});
