import type { NamedEndpoint } from "@obsqra/contract";
import { arbitraryHostileValue, arbitraryInput, arbitraryInvalidInput } from "@obsqra/contract/testing";
import fc from "fast-check";

/** The largest body that is read is 64 KiB. */
const bodyLimitBytes = 64 * 1024;

/** Bodies for an endpoint: what it takes, what it does not take, and what is no JSON at all. */
export function hostileBody({ endpoint }: NamedEndpoint): fc.Arbitrary<Uint8Array> {
  const valid = arbitraryInput(endpoint.input);
  return fc.oneof(
    { weight: 3, arbitrary: valid.map(toBytes) },
    { weight: 3, arbitrary: arbitraryInvalidInput(endpoint.input).map(toBytes) },
    {
      weight: 2,
      arbitrary: fc.tuple(valid, hostileMember()).map(([input, member]) => withMember(input, member)),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(valid, fc.nat(), fc.nat(255)).map(([input, at, byte]) => withByte(input, at, byte)),
    },
    { weight: 1, arbitrary: fc.constantFrom(...malformed).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
    { weight: 1, arbitrary: arbitraryHostileValue().map(toBytes) },
  );
}

const malformed = [
  "",
  " \r\n\t ",
  "\ufeff{}",
  "{",
  '{"email":',
  "[".repeat(60_000),
  `${"[".repeat(30_000)}${"]".repeat(30_000)}`,
  `${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}`,
  `"${"x".repeat(bodyLimitBytes)}"`,
  `{"a":"${"\\u0000".repeat(5_000)}"}`,
  "{'a':1}",
  '{"a":1,}',
  "{a:1}",
  "NaN",
  "-Infinity",
  "01",
  "1e",
  "undefined",
  '"\t"',
  '"\\x41"',
  '"\\ud800"',
  "email=a&password=b",
  "--x\r\ncontent-disposition: form-data\r\n\r\n1\r\n--x--",
  "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>",
];

/** Members as they can stand in JSON but not in an object of JavaScript: names twice, numbers beyond any range. */
function hostileMember(): fc.Arbitrary<string> {
  const names = [
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "then",
    "length",
    "limit",
    "amount",
    "email",
    "",
  ];
  const numbers = ["1e400", "-1e400", "9007199254740993", "9".repeat(80), "0.1e-400", "-0", "1E+2"];
  const value = fc.oneof(
    fc.constantFrom(...numbers),
    fc.constantFrom('{"isAdmin":true}', "[]", "null", '"\\u0000"', '"\\udfff"', `"${"y".repeat(300)}"`),
  );
  return fc
    .tuple(fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 8 })), value)
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`);
}

/** The same object with a member more, in front of the others or behind them: a name that is there already stands twice. */
function withMember(input: unknown, member: string): Uint8Array {
  const text = JSON.stringify(input) ?? "{}";
  if (!text.startsWith("{") || text === "{}") return Buffer.from(`{${member},${member}}`);
  return Buffer.from(
    member.length % 2 === 0 ? `{${member},${text.slice(1)}` : `${text.slice(0, -1)},${member}}`,
  );
}

function withByte(input: unknown, at: number, byte: number): Uint8Array {
  const bytes = Buffer.from(JSON.stringify(input) ?? "{}");
  bytes[at % bytes.length] = byte;
  return bytes;
}

function toBytes(input: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(input) ?? "");
}
