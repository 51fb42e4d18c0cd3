import { listCalls, type NamedEndpoint } from "@obsqra/contract";
import { arbitraryHostileValue, arbitraryInput, arbitraryInvalidInput } from "@obsqra/contract/testing";
import fc from "fast-check";

/** Where a request goes: what stands in its first line. */
export interface HostileTarget {
  readonly method: string;
  readonly target: string;
}

const endpoints = listCalls();

/** First lines of requests for an endpoint, of either protocol, and of requests for nothing that exists. */
export function hostileTarget(named: NamedEndpoint): fc.Arbitrary<HostileTarget> {
  return fc.oneof(
    { weight: 5, arbitrary: restTarget(named) },
    { weight: 4, arbitrary: trpcTarget(named) },
    { weight: 3, arbitrary: batchTarget() },
    { weight: 2, arbitrary: oddTarget() },
  );
}

function restTarget({ endpoint }: NamedEndpoint): fc.Arbitrary<HostileTarget> {
  const { method, path } = endpoint.rest;
  const segment = fc.oneof(fc.constantFrom("0x5a1d", "019bc186-de00-7000-8000-a19af8b2bbf6"), hostileText());
  return fc
    .record({ method: methodOf(method), segment, query: fc.oneof(fc.constant(""), queryOf(endpoint.input)) })
    .map(({ method, segment, query }) => ({
      method,
      target: `/api/v1${path.replace(/:\w+/g, () => segment)}${query === "" ? "" : `?${query}`}`,
    }));
}

function trpcTarget({ path, endpoint }: NamedEndpoint): fc.Arbitrary<HostileTarget> {
  const input = fc.oneof(arbitraryInput(endpoint.input), arbitraryInvalidInput(endpoint.input));
  const query = fc.oneof(
    fc.constant(""),
    input.map((value) => `?input=${encodeURIComponent(JSON.stringify(value) ?? "")}`),
    hostileText().map((text) => `?input=${text}`),
    fc.constantFrom(
      "?batch=1",
      "?batch=2&input={}",
      "?input={}&input={}",
      "?input[]=1",
      "?connectionParams={",
    ),
  );
  return fc
    .record({ method: methodOf(endpoint.kind === "query" ? "GET" : "POST"), query })
    .map(({ method, query }) => ({ method, target: `/trpc/${path}${query}` }));
}

/** Batches with wrong indices, empty names, too many calls, and queries beside mutations. */
function batchTarget(): fc.Arbitrary<HostileTarget> {
  const name = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...endpoints.map(({ path }) => path)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "",
        ".",
        "auth",
        "auth.",
        "__proto__",
        "constructor.name",
        "auth.me.me",
        "%00",
      ),
    },
  );
  const key = fc.constantFrom("0", "1", "-1", "20", "00", "a", "__proto__", "");
  const inputs = fc.oneof(
    fc.dictionary(key, arbitraryHostileValue(), { maxKeys: 4 }).map((value) => JSON.stringify(value)),
    fc.constantFrom("[]", "[null,null]", "null", "1", "{", '"a"', '{"0":null}', '{"__proto__":{}}'),
  );
  return fc
    .record({
      method: fc.constantFrom("GET", "POST"),
      names: fc.oneof(
        { weight: 5, arbitrary: fc.array(name, { minLength: 1, maxLength: 5 }) },
        { weight: 1, arbitrary: fc.array(name, { minLength: 19, maxLength: 22 }) },
      ),
      inputs: fc.option(inputs, { nil: undefined }),
      flag: fc.constantFrom("batch=1", "batch=1", "batch=0", "batch", "batch=1&batch=1"),
    })
    .map(({ method, names, inputs, flag }) => ({
      method,
      target: `/trpc/${names.join(",")}?${flag}${inputs === undefined ? "" : `&input=${encodeURIComponent(inputs)}`}`,
    }));
}

function oddTarget(): fc.Arbitrary<HostileTarget> {
  return fc.record({
    method: methodOf("GET"),
    target: fc.oneof(
      fc.constantFrom(...oddPaths),
      hostileText().map((text) => `/${text}`),
    ),
  });
}

const oddPaths = [
  "/",
  "*",
  "//",
  "/health",
  "/ready",
  "/ready/traffic",
  "/openapi.json",
  "/errors",
  "/docs/",
  "/docs/static/..%2f..%2fpackage.json",
  "/account/verify-email",
  "/api/v1",
  "/api/v1/version",
  "/api/v1/../../etc/passwd",
  "/api/v1/auth/me/",
  "/api//v1/auth/me",
  "/trpc",
  "/trpc/",
  "/trpc/auth.me/",
  "/%",
  "/%zz",
  "/%00",
  "/%c0%ae",
  "/%ff%fe",
  "/a;b=c?d#e",
  "http://example.org/api/v1/auth/me",
  "https://user:secret@example.org:99999/health",
  "example.org:443",
  `/${"a/".repeat(2_000)}`,
  `/api/v1/transactions/${"a".repeat(6_000)}`,
  `/health?${"a=1&".repeat(2_000)}`,
];

/** Mostly the right method. */
function methodOf(right: string): fc.Arbitrary<string> {
  const others = [
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "PURGE",
    "PROPFIND",
    "QUERY",
  ];
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(right) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

/** A query string of fields that the endpoint knows, each perhaps given twice, with any values. */
function queryOf(input: NamedEndpoint["endpoint"]["input"]): fc.Arbitrary<string> {
  const name = fc.oneof(
    fc.constantFrom("limit", "cursor", "days", "protocol", "granularity", "tx_type", "sort"),
    fc.constantFrom("__proto__", "constructor", "toString", "limit[]", "limit[a]", "a.b", ""),
    fc
      .tuple(arbitraryInput(input), fc.nat(20))
      .map(([value, which]) => Object.keys(value ?? {})[which] ?? "limit"),
  );
  return fc
    .array(fc.tuple(name, fc.oneof(hostileText(), fc.integer().map(String))), { minLength: 1, maxLength: 5 })
    .map((pairs) => pairs.map(([key, value]) => `${encodeURIComponent(key)}=${value}`).join("&"));
}

/** Text as it may stand in a URL, encoded well, badly, or not at all; without what would end the first line. */
function hostileText(): fc.Arbitrary<string> {
  return fc.oneof(
    arbitraryHostileValue().map((value) =>
      encode(typeof value === "string" ? value : (JSON.stringify(value) ?? "")),
    ),
    fc.constantFrom(
      "%",
      "%2",
      "%zz",
      "%00",
      "%ff",
      "%ed%a0%80",
      "%2f..%2f",
      "..",
      ".",
      "a%0d%0ab",
      "\u0080",
      "%u0041",
    ),
    fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[\s#?]/g, "")),
  );
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).slice(0, 3_000);
}
