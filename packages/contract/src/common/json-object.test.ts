import fc from "fast-check";
import { expect, it } from "vitest";
import { type JsonObject, jsonObject, storedJsonObject } from "./json-object.ts";

const kibibytes = 1;
const schema = jsonObject(kibibytes);

/** What is wrong with a value; undefined when nothing is. */
function faultOf(value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}

const tooLarge = "use at most 1 KiB of JSON";

it("takes what is no larger as JSON than it says, to the byte, and gives it back as it came", () => {
  const json = fc.jsonValue({ noUnicodeString: false, stringUnit: "grapheme" }).filter(hasPlainNumbers);
  const value = fc.dictionary(fc.string({ unit: "grapheme" }), json, { noNullPrototype: true });
  fc.assert(
    fc.property(value, fc.integer({ min: -1, max: 1 }), (object, more) => {
      const room = kibibytes * 1024 - byteLength({ ...object, padding: "" });
      fc.pre(room > 1 && !JSON.stringify(object).includes("\\u0000"));
      const padded = { ...object, padding: "x".repeat(room + more) };
      expect(faultOf(padded)).toBe(more > 0 ? tooLarge : undefined);
      if (more <= 0) expect(schema.parse(padded)).toBe(padded);
    }),
  );
});

it("counts a number by the digits that the database keeps of it", () => {
  expect(faultOf({ few: [1e300, 1e300, 1e300] })).toBeUndefined();
  expect(faultOf({ many: [1e300, -1e300, 1e-300, 1e300] })).toBe(tooLarge);
});

it.each<[string, unknown, string]>([
  ["an array", [], "use a JSON object"],
  ["null", null, "use a JSON object"],
  ["a text", "{}", "use a JSON object"],
  ["a level too deep", levels(33), "nest at most 32 levels deep"],
  ["a million levels", levels(1_000_000), "nest at most 32 levels deep"],
  ["NUL", { note: "a\0b" }, "leave out NUL characters and halves of surrogate pairs"],
  ["half a pair in a name", { "\ud800": 1 }, "leave out NUL characters and halves of surrogate pairs"],
  ["a zero that is not kept as it came", { at: [-0] }, "write 0 instead of -0, which is not kept"],
  ["what JSON does not have", { at: undefined }, "use a JSON object"],
])("refuses %s", (_, value, message) => {
  expect(faultOf(value)).toBe(message);
});

it("takes 1,000 values, and no more", () => {
  const big = jsonObject(16);
  const of = (count: number) => ({ values: Array.from({ length: count - 1 }, () => 0) });
  expect(big.safeParse(of(1_000)).success).toBe(true);
  expect(big.safeParse(of(1_001)).error?.issues[0]?.message).toBe("use at most 1000 values");
});

it("takes 32 levels", () => {
  expect(faultOf(levels(32))).toBeUndefined();
});

it("stops looking at the first byte too many", () => {
  let looked = 0;
  const counting = (length: number) =>
    new Proxy(
      Array.from({ length }, () => 1),
      {
        get: (target, key) => {
          if (typeof key === "string" && /^\d+$/.test(key)) looked += 1;
          return Reflect.get(target, key);
        },
      },
    );
  for (const object of [
    { wide: counting(100_000) },
    { many: Array.from({ length: 50 }, () => counting(40)) },
  ]) {
    looked = 0;
    expect(faultOf(object)).toBe(tooLarge);
    expect(looked).toBeLessThan(1_024);
  }
});

it("does not look into what is stored", () => {
  const stored = new Proxy({}, { ownKeys: () => expect.fail("It was looked into.") });
  expect(storedJsonObject.parse(stored)).toBe(stored);
  expect(storedJsonObject.safeParse([]).success).toBe(false);
});

function byteLength(value: JsonObject): number {
  return new TextEncoder().encode(JSON.stringify(value)).byteLength;
}

/** Without those that JSON writes with an exponent. */
function hasPlainNumbers(value: unknown): boolean {
  return !/\de[+-]?\d/.test(JSON.stringify(value)) && !JSON.stringify(value).includes('"__proto__":');
}

function levels(count: number): JsonObject {
  let object: JsonObject = {};
  for (let level = 1; level < count; level += 1) object = { deeper: object };
  return object;
}
