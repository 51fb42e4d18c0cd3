import { poseidonHashMany } from "@scure/starknet";
import * as fc from "fast-check";
import { typedData as starknetJs } from "starknet";
import { describe, expect, test } from "vitest";
import { vectors } from "../test/vectors/read-vectors.ts";
import { addressBound } from "./address.ts";
import { canonicalFelt, feltPrime } from "./felt.ts";
import { createTestWallet } from "./testing/index.ts";
import type { TypedData, TypedDataValue } from "./typed-data.ts";
import { encodeType, hashTypedData, starknetDomainType } from "./typed-data.ts";

const accountAddress = "0x49d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7";
const invalidTypedData = expect.objectContaining({ code: "INVALID_TYPED_DATA" });

describe("the reference signature, accepted by a Cairo account in a real VM", () => {
  const { typed_data, account, message_hash, test_private_key, r, s } = vectors.snip12[0];

  test("has the hash that the account accepted", () => {
    expect(hashTypedData(typed_data, account)).toBe(canonicalFelt(message_hash));
  });

  test("is what the test wallet's key signs", () => {
    expect(createTestWallet({ privateKey: test_private_key }).signHash(message_hash)).toEqual([r, s]);
  });
});

describe("Poseidon of the curve library", () => {
  test.each(vectors.poseidon_pedersen)("equals the Cairo VM's for $in", ({ in: input, out }) => {
    const felts = input.map((text) => (text === "P-1" ? feltPrime - 1n : BigInt(text)));
    expect(poseidonHashMany(felts)).toBe(BigInt(out));
  });
});

describe("encodeType", () => {
  test("quotes names and sorts the structs it refers to", () => {
    const types = {
      Mail: [
        { name: "to", type: "Person" },
        { name: "asset", type: "Asset" },
      ],
      Person: [{ name: "wallet", type: "ContractAddress" }],
      Asset: [{ name: "amount", type: "u128" }],
    };
    expect(encodeType(types, "Mail")).toBe(
      '"Mail"("to":"Person","asset":"Asset")"Asset"("amount":"u128")"Person"("wallet":"ContractAddress")',
    );
  });
});

describe("against starknet.js", () => {
  test("agrees on 100 random messages with random structs", async () => {
    await fc.assert(
      fc.property(typedDataArbitrary(), fc.bigInt({ min: 2n, max: addressBound - 1n }), (data, account) => {
        const address = `0x${account.toString(16)}`;
        expect(BigInt(hashTypedData(data, address))).toBe(BigInt(starknetJs.getMessageHash(data, address)));
      }),
      { numRuns: 100 },
    );
  });

  test.each(["", "1", "0x10", " ", "0", "1.0.0", "a".repeat(31), "x"])(
    "agrees on the short string %j",
    (text) => {
      const data = single("shortstring", text);
      expect(BigInt(hashTypedData(data, accountAddress))).toBe(
        BigInt(starknetJs.getMessageHash(data, accountAddress)),
      );
    },
  );

  test.each([0, 1, 30, 31, 32, 61, 62, 63, 400])("agrees on a string of %i characters", (length) => {
    const data = single("string", "~".repeat(length));
    expect(BigInt(hashTypedData(data, accountAddress))).toBe(
      BigInt(starknetJs.getMessageHash(data, accountAddress)),
    );
  });
});

describe("what it refuses", () => {
  test.each<[string, string, TypedDataValue]>([
    ["a felt of the prime", "felt", feltPrime],
    ["a negative felt", "felt", -1],
    ["a fraction", "felt", 1.5],
    ["an unsafe number", "felt", 2 ** 53],
    ["text as a felt", "felt", "hello"],
    ["a u128 of 2^128", "u128", 2n ** 128n],
    ["text beyond ASCII", "string", "naïve"],
    ["a line break, which starknet.js does not encode", "shortstring", "a\nb"],
    ["a short string of 32 characters", "shortstring", "a".repeat(32)],
    ["a number as text", "string", 5],
    ["an unsupported type", "merkletree", "0x1"],
    ["an array", "felt*", "0x1"],
    ["an object where a felt belongs", "felt", { a: 1 }],
    ["text where a struct belongs", "Inner", "x"],
  ])("%s", (_, type, value) => {
    const data = single(type, value);
    if (type === "Inner") data.types.Inner = [{ name: "x", type: "felt" }];
    expect(() => hashTypedData(data, accountAddress)).toThrow(invalidTypedData);
  });

  test("a message field that no type declares, which wallets would not sign", () => {
    const data = single("felt", 1);
    data.message.amount = 5;
    expect(starknetJs.getMessageHash(data, accountAddress)).toBe(
      starknetJs.getMessageHash(single("felt", 1), accountAddress),
    );
    expect(() => hashTypedData(data, accountAddress)).toThrow(/not declared/);
  });

  test("a missing field", () => {
    expect(() => hashTypedData({ ...single("felt", 1), message: {} }, accountAddress)).toThrow(/missing/);
  });

  test("a domain type without revision, which gives another hash", () => {
    const data = single("felt", 1);
    data.types.StarknetDomain = starknetDomainType.slice(0, 3);
    expect(() => hashTypedData(data, accountAddress)).toThrow(/StarknetDomain/);
  });

  test("dangling, doubled, inherited and unquotable names", () => {
    const cases: Partial<TypedData>[] = [
      { types: { ...single("felt", 1).types, Unused: [] } },
      { types: { ...single("felt", 1).types, Message: [field("value"), field("value")] } },
      { types: { ...single("felt", 1).types, Message: [field('va"lue')] } },
      { types: { ...single("felt", 1).types, felt: [] } },
      { primaryType: "toString" },
      { primaryType: "Other" },
    ];
    for (const part of cases) {
      expect(() => hashTypedData({ ...single("felt", 1), ...part }, accountAddress)).toThrow(
        invalidTypedData,
      );
    }
  });

  test("an account that is not an address", () => {
    expect(() => hashTypedData(single("felt", 1), "0x1")).toThrow(
      expect.objectContaining({ code: "INVALID_ADDRESS" }),
    );
  });
});

function field(name: string) {
  return { name, type: "felt" };
}

function single(type: string, value: TypedDataValue): TypedData {
  return {
    types: { StarknetDomain: [...starknetDomainType], Message: [{ name: "value", type }] },
    primaryType: "Message",
    domain: { name: "Obsqra", version: "1", chainId: "SN_SEPOLIA", revision: "1" },
    message: { value },
  };
}

const ascii = (maxLength: number) =>
  fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength,
  });

/** Short strings that read as numbers are tested on their own; most of them are out of a felt's range or ambiguous. */
const shortString = ascii(31).filter((text) => Number.isNaN(Number(text)));

const integerText = (max: bigint) =>
  fc.bigInt({ min: 0n, max }).chain((value) => fc.constantFrom(value.toString(), `0x${value.toString(16)}`));

const basicValues: Record<string, fc.Arbitrary<TypedDataValue>> = {
  felt: fc.oneof(integerText(feltPrime - 1n), fc.maxSafeNat()),
  u128: integerText(2n ** 128n - 1n),
  timestamp: fc.integer({ min: 0, max: 4_102_444_800 }),
  shortstring: shortString,
  string: ascii(100),
  ContractAddress: fc.bigInt({ min: 2n, max: addressBound - 1n }).map((value) => `0x${value.toString(16)}`),
};

interface Struct {
  types: TypedData["types"];
  value: { [name: string]: TypedDataValue };
}

/** A struct named `name` with random fields, of which some are structs again, at most `depth` levels down. */
function structArbitrary(name: string, depth: number): fc.Arbitrary<Struct> {
  const basicField = fc
    .constantFrom(...Object.keys(basicValues))
    .chain((type) => (basicValues[type] ?? fc.constant(0)).map((value) => ({ type, value, types: {} })));
  const nested = (index: number) =>
    structArbitrary(`${name} ${index}`, depth - 1).map(({ types, value }) => ({
      type: `${name} ${index}`,
      value,
      types,
    }));
  return fc
    .uniqueArray(
      ascii(12).filter((text) => text !== "" && !/["\\*(),]/.test(text) && text !== "__proto__"),
      { minLength: 1, maxLength: 5 },
    )
    .chain((names) =>
      fc
        .tuple(
          ...names.map((_, index) =>
            depth > 0 ? fc.oneof({ weight: 3, arbitrary: basicField }, nested(index)) : basicField,
          ),
        )
        .map((fields) => ({
          types: Object.assign(
            {
              [name]: names.map((fieldName, index) => ({ name: fieldName, type: fields[index]?.type ?? "" })),
            },
            ...fields.map((item) => item.types),
          ) as TypedData["types"],
          value: Object.fromEntries(names.map((fieldName, index) => [fieldName, fields[index]?.value ?? 0])),
        })),
    );
}

function typedDataArbitrary(): fc.Arbitrary<TypedData> {
  return fc
    .tuple(
      structArbitrary("Root", 2),
      shortString,
      shortString,
      fc.constantFrom("SN_MAIN", "SN_SEPOLIA", "0x534e5f4d41494e"),
    )
    .map(([root, name, version, chainId]) => ({
      types: { StarknetDomain: [...starknetDomainType], ...root.types },
      primaryType: "Root",
      domain: { name, version, chainId, revision: "1" as const },
      message: root.value,
    }));
}
