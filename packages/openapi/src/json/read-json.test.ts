import { AppError } from "@obsqra/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJsonBytes } from "./read-json.ts";

/** What a body is read as, or the code and the place that it is refused for. */
function read(body: string | Uint8Array): unknown {
  try {
    return { value: readJsonBytes(Buffer.from(body)) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const issues = (error.details as { issues: { path: string }[] } | undefined)?.issues ?? [];
    return { code: error.code, ...(issues[0] && { path: issues[0].path }) };
  }
}

const ambiguous = (path: string) => ({ code: "JSON_AMBIGUOUS", path });
const malformed = { code: "MALFORMED_JSON" };

describe("a body that is exact", () => {
  it.each([
    ['{"a":[1,-2.5,true,null,"x"]}', { a: [1, -2.5, true, null, "x"] }],
    [' "text" ', "text"],
    ["null", null],
    ["{}", {}],
    ["[[],[{}]]", [[], [{}]]],
    ['{"a":{"b":1},"b":{"a":1}}', { a: { b: 1 }, b: { a: 1 } }],
    ['[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['{"{":"}","\\"":"[","\\\\":",\\"a\\":1"}', { "{": "}", '"': "[", "\\": ',"a":1' }],
    ['"\\ud83d\\ude00 😀 é\u0000"'.replace("\u0000", "\\u0000"), "😀 😀 é\0"],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["9007199254740992", 2 ** 53],
    ["[1.10,1e3,1E+2,-0,0.0,1e-7]", [1.1, 1000, 100, -0, 0, 1e-7]],
    ["1e21", 1e21],
    ["0.30000000000000004", 0.1 + 0.2],
    // As printf("%.17g") writes 0.1.
    ["0.10000000000000001", 0.1],
    ["1.7976931348623157e308", Number.MAX_VALUE],
    ["5e-324", Number.MIN_VALUE],
    ["10000000000000000000000", 1e22],
  ])("is read: %s", (body, value) => {
    expect(read(body)).toEqual({ value });
  });

  it("may be nested 64 levels deep", () => {
    const nested = (levels: number) => `{"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
    expect(read(nested(64))).toHaveProperty("value");
    expect(read(nested(65))).toEqual(ambiguous(`a${".0".repeat(63)}`));
  });

  it("may be none", () => {
    expect(read("")).toEqual({ value: undefined });
    expect(read(" \r\n\t ")).toEqual({ value: undefined });
  });
});

describe("a body that would be changed", () => {
  it.each([
    ['{"a":1,"a":1}', "a"],
    ['{"a":1,"\\u0061":2}', "a"],
    ['{"x":[{"a":{"b":1,"c":2,"b":3}}]}', "x.0.a.b"],
    ['{"":1,"":2}', ""],
    ['{"details":{"wei":1234567890123456789}}', "details.wei"],
    ["[0,9007199254740993]", "1"],
    ["-9007199254740993", ""],
    ["36028797018963968", ""],
    ["0.12345678901234567", ""],
    ["1.00000000000000000001", ""],
    ["1e400", ""],
    ["1e-400", ""],
    ["9007199254740993e0", ""],
    ["900719925474099.3e1", ""],
    ['{"a":"\\ud800"}', "a"],
    ['["\\udc00\\ud800"]', "0"],
    ['{"\\ud800":1}', "\ufffd"],
    [`{"${"x".repeat(1000)}":1e999}`, `${"x".repeat(200)}…`],
    ['{"__proto__":1}', "__proto__"],
    ['{"\\u005f_proto__":1}', "__proto__"],
    [Uint8Array.of(0x22, 0xe9, 0x22), ""],
    [Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), ""],
    [Uint8Array.of(0x22, 0xc0, 0xaf, 0x22), ""],
    [Buffer.from('{"a":1}', "utf16le").subarray(0, -1).fill(0xff, 0, 1), ""],
  ])("is refused, naming the place: %s", (body, path) => {
    expect(read(body)).toEqual(ambiguous(path));
  });

  it.each(["{", "[1,]", "{'a':1}", "NaN", "01", ".5", "\u00a0", '"\t"', "\ufeff{}", "[".repeat(60_000)])(
    "is no JSON: %j",
    (body) => {
      expect(read(body)).toEqual(malformed);
    },
  );

  it("is refused however deep it is, without using up the stack", () => {
    const deep = "[".repeat(30_000) + "]".repeat(30_000);
    expect(read(deep)).toEqual(ambiguous(Array(64).fill("0").join(".")));
    expect(read(`${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}`)).toHaveProperty("code", "JSON_AMBIGUOUS");
  });
});

/** JSON as it is written, which knows itself whether a reader can keep it. */
interface Written {
  readonly text: string;
  readonly isExact: boolean;
}

const { written } = fc.letrec<{ written: Written }>((tie) => ({
  written: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    arbitraryNumber(),
    arbitraryText(),
    fc.constantFrom("true", "false", "null").map((text) => ({ text, isExact: true })),
    fc.array(tie("written"), { maxLength: 4 }).map(writeArray),
    fc.array(fc.tuple(arbitraryText(), tie("written")), { maxLength: 4 }).map(writeObject),
  ),
}));

/** Compared as fractions of whole numbers, which lose nothing. */
function arbitraryNumber(): fc.Arbitrary<Written> {
  const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,22})$/);
  const fraction = fc.option(fc.stringMatching(/^[0-9]{1,22}$/), { nil: undefined });
  const exponent = fc.option(fc.integer({ min: -30, max: 30 }), { nil: undefined });
  return fc.tuple(fc.boolean(), digits, fraction, exponent).map(([isNegative, whole, decimals, power]) => {
    const text = `${isNegative ? "-" : ""}${whole}${decimals === undefined ? "" : `.${decimals}`}${power === undefined ? "" : `e${power}`}`;
    const isWhole = decimals === undefined && power === undefined;
    const kept = [String(Number(text)), ...(isWhole ? [] : [Number(text).toPrecision(17)])];
    return { text, isExact: kept.some((each) => scaled(each) === scaled(text)) };
  });
}

/** The number times 10^100. */
function scaled(number: string): bigint {
  const [mantissa = "", exponent = "0"] = number.split("e");
  const [whole = "", decimals = ""] = mantissa.split(".");
  return BigInt(`${whole}${decimals}`) * 10n ** BigInt(100 + Number(exponent) - decimals.length);
}

function arbitraryText(): fc.Arbitrary<Written> {
  const piece = fc.constantFrom(
    "a",
    "b",
    '\\"',
    "\\\\",
    "\\u0061",
    "é",
    "😀",
    "\\ud83d",
    "\\ude00",
    "{",
    ",",
    "9",
  );
  return fc.array(piece, { maxLength: 3 }).map((pieces) => {
    const text = `"${pieces.join("")}"`;
    return { text, isExact: (JSON.parse(text) as string).isWellFormed() };
  });
}

function writeArray(items: readonly Written[]): Written {
  return { text: `[${items.map(({ text }) => text).join(" ,")}]`, isExact: items.every(isExact) };
}

function writeObject(members: readonly (readonly [Written, Written])[]): Written {
  const names = new Set(members.map(([name]) => JSON.parse(name.text) as string));
  return {
    text: `{${members.map(([name, value]) => `${name.text} :${value.text}`).join(", ")}}`,
    isExact: names.size === members.length && members.flat().every(isExact),
  };
}

function isExact({ isExact }: Written): boolean {
  return isExact;
}

it("takes whatever is exact, and nothing else", () => {
  fc.assert(
    fc.property(written, ({ text, isExact }) => {
      expect(read(text)).toEqual(
        isExact ? { value: JSON.parse(text) } : expect.objectContaining({ code: "JSON_AMBIGUOUS" }),
      );
    }),
    { numRuns: 2_000, seed: 1 },
  );
});
