import { keccak, poseidonHashMany } from "@scure/starknet";
import { parseAddress } from "./address.ts";
import { StarknetError } from "./errors.ts";
import { feltPrime, toCanonicalHex } from "./felt.ts";
import { encodeShortString, isPrintableAscii } from "./short-string.ts";

/** A field of a struct: its name and its type (a basic type, or the name of another struct). */
export interface TypedDataField {
  name: string;
  type: string;
}

/** A value of a message. Numbers may be safe integers, bigints, decimal strings or `0x` hex. */
export type TypedDataValue = string | number | bigint | { [field: string]: TypedDataValue };

/**
 * The domain separator. Revision 1 only, written as wallets expect it. A type alias, not an interface, so that it fits
 * the open record that wallets' libraries ask for.
 */
export type TypedDataDomain = {
  name: string;
  version: string;
  chainId: string;
  revision: "1";
};

/** SNIP-12 revision 1 typed data. https://github.com/starknet-io/SNIPs/blob/main/SNIPS/snip-12.md */
export interface TypedData {
  types: Record<string, TypedDataField[]>;
  primaryType: string;
  domain: TypedDataDomain;
  message: { [field: string]: TypedDataValue };
}

/** The domain's type list. Leaving `revision` out of it would give another hash, so it is fixed here. */
export const starknetDomainType: readonly TypedDataField[] = [
  { name: "name", type: "shortstring" },
  { name: "version", type: "shortstring" },
  { name: "chainId", type: "shortstring" },
  { name: "revision", type: "shortstring" },
];

/**
 * The hash that `account` signs for `typedData`: Poseidon('StarkNet Message', domain, account, message), as a
 * canonical felt.
 *
 * Supports felt, shortstring, string, u128, timestamp, ContractAddress and nested structs, and is stricter than
 * wallets' libraries: a message field that no type declares (which they ignore silently), a type that nothing uses,
 * text beyond printable ASCII (which they encode differently), and any other type are errors.
 *
 * As in starknet.js, which wallets embed, a `shortstring` that reads as a number ("1", "0x1") is hashed as that number.
 * Use `string` for values that may be numeric.
 *
 * @throws StarknetError `INVALID_TYPED_DATA`, or `INVALID_ADDRESS` for the account.
 */
export function hashTypedData(typedData: TypedData, account: string): string {
  const { types, primaryType, domain, message } = typedData;
  assertTypes(types, primaryType);
  if (`${domain.revision}` !== "1") throw invalid("Only SNIP-12 revision 1 is supported.");
  const hash = poseidonHashMany([
    encodeShortString("StarkNet Message"),
    structHash(types, "StarknetDomain", { ...domain }),
    BigInt(parseAddress(account)),
    structHash(types, primaryType, message),
  ]);
  return toCanonicalHex(hash);
}

/**
 * The canonical text of a struct type and of the structs it refers to, as SNIP-12 hashes it.
 *
 * @throws StarknetError `INVALID_TYPED_DATA` when the type is not declared.
 */
export function encodeType(types: TypedData["types"], name: string): string {
  const [primary, ...others] = dependencies(types, name);
  return [primary, ...others.sort()]
    .map((struct) => {
      const fields = fieldsOf(types, struct ?? name).map((field) => `"${field.name}":"${field.type}"`);
      return `"${struct}"(${fields.join(",")})`;
    })
    .join("");
}

type EncodeBasic = (value: TypedDataValue, path: string) => bigint;

const basicTypes: ReadonlyMap<string, EncodeBasic> = new Map<string, EncodeBasic>([
  ["felt", (value, path) => toInteger(value, feltPrime, path)],
  ["u128", (value, path) => toInteger(value, 2n ** 128n, path)],
  ["timestamp", (value, path) => toInteger(value, 2n ** 128n, path)],
  ["shortstring", encodeShortStringValue],
  ["string", (value, path) => poseidonHashMany(byteArray(toText(value, path)))],
  ["ContractAddress", (value, path) => BigInt(parseAddress(toText(value, path)))],
]);

function structHash(types: TypedData["types"], name: string, data: Record<string, TypedDataValue>): bigint {
  const fields = fieldsOf(types, name);
  const declared = new Set(fields.map((field) => field.name));
  const stray = Object.keys(data).find((key) => !declared.has(key));
  if (stray !== undefined) throw invalid(`${name}.${stray} is not declared, so a wallet would not sign it.`);
  const typeHash = keccak(new TextEncoder().encode(encodeType(types, name)));
  return poseidonHashMany([
    typeHash,
    ...fields.map((field) => {
      const path = `${name}.${field.name}`;
      const value = Object.hasOwn(data, field.name) ? data[field.name] : undefined;
      if (value === undefined || value === null) throw invalid(`${path} is missing.`);
      return encodeValue(types, field.type, value, path);
    }),
  ]);
}

function encodeValue(types: TypedData["types"], type: string, value: TypedDataValue, path: string): bigint {
  const encode = basicTypes.get(type);
  if (encode !== undefined) return encode(value, path);
  if (typeof value !== "object" || Array.isArray(value)) throw invalid(`${path} must be an object.`);
  return structHash(types, type, value);
}

function dependencies(types: TypedData["types"], name: string, seen: string[] = []): string[] {
  if (seen.includes(name)) return seen;
  seen.push(name);
  for (const field of fieldsOf(types, name)) {
    if (!basicTypes.has(field.type)) dependencies(types, field.type, seen);
  }
  return seen;
}

function fieldsOf(types: TypedData["types"], name: string): readonly TypedDataField[] {
  const fields = Object.hasOwn(types, name) ? types[name] : undefined;
  if (fields === undefined) throw invalid(`The type ${name} is neither declared nor supported.`);
  return fields;
}

/** The rules of SNIP-12 for declared types, and the names that need no escaping in the encoded text. */
function assertTypes(types: TypedData["types"], primaryType: string): void {
  if (JSON.stringify(fieldsOf(types, "StarknetDomain").map(nameAndType)) !== domainFields) {
    throw invalid("StarknetDomain must list name, version, chainId and revision, all shortstring.");
  }
  const used = new Set(["StarknetDomain", ...dependencies(types, primaryType)]);
  for (const [struct, fields] of Object.entries(types)) {
    if (basicTypes.has(struct)) throw invalid(`${struct} is a basic type and cannot be declared.`);
    if (!used.has(struct)) throw invalid(`The type ${struct} is declared but nothing uses it.`);
    for (const name of [struct, ...fields.map((field) => field.name)]) {
      if (!/^[\x20-\x7e]+$/.test(name) || /["\\*(),]/.test(name))
        throw invalid(`${name} is not a usable name.`);
    }
    if (new Set(fields.map((field) => field.name)).size !== fields.length) {
      throw invalid(`${struct} declares a field twice.`);
    }
  }
}

function nameAndType({ name, type }: TypedDataField): [string, string] {
  return [name, type];
}

const domainFields = JSON.stringify(starknetDomainType.map(nameAndType));

function toInteger(value: TypedDataValue, bound: bigint, path: string): bigint {
  if (!isIntegerLike(value)) {
    throw invalid(`${path} must be an integer: a safe number, a bigint, decimal text or 0x hex.`);
  }
  const integer = BigInt(value);
  if (integer < 0n || integer >= bound) throw invalid(`${path} is out of range.`);
  return integer;
}

function isIntegerLike(value: TypedDataValue): value is string | number | bigint {
  if (typeof value === "string") return /^(0x[0-9a-fA-F]{1,64}|[0-9]{1,77})$/.test(value);
  return typeof value === "bigint" || Number.isSafeInteger(value);
}

function encodeShortStringValue(value: TypedDataValue, path: string): bigint {
  const text = toText(value, path);
  const number = readNumber(text);
  if (number !== undefined) return toInteger(number, feltPrime, path);
  if (text.length > 31) throw invalid(`${path} has more than 31 characters.`);
  return encodeShortString(text);
}

/** What starknet.js does with every short string: a text that JavaScript reads as an integer becomes that integer. */
function readNumber(text: string): bigint | undefined {
  try {
    return BigInt(text);
  } catch {
    return undefined;
  }
}

function toText(value: TypedDataValue, path: string): string {
  if (typeof value !== "string") throw invalid(`${path} must be text.`);
  if (!isPrintableAscii(value)) throw invalid(`${path} may contain printable ASCII only.`);
  return value;
}

/** Cairo's ByteArray: the number of full 31-byte words, the words, the rest and its length. */
function byteArray(text: string): bigint[] {
  const full = Math.floor(text.length / 31);
  const words = Array.from({ length: full }, (_, index) =>
    encodeShortString(text.slice(index * 31, index * 31 + 31)),
  );
  const rest = text.slice(full * 31);
  return [BigInt(full), ...words, encodeShortString(rest), BigInt(rest.length)];
}

function invalid(reason: string): StarknetError {
  return new StarknetError("INVALID_TYPED_DATA", reason);
}
