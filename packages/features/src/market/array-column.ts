import { type RawBuilder, sql } from "kysely";

/** How values of a type are written. */
interface Format<TValue> {
  /** Of the type in Postgres' catalogue (pg_type.dat). */
  readonly oid: number;
  size(value: TValue): number;
  write(bytes: Buffer, at: number, value: TValue): void;
}

/** The types that a column can have, and what stands for each here. */
interface Values {
  text: string;
  timestamptz: Date;
  float8: number;
  integer: number;
  boolean: boolean;
}

/** Postgres counts time from the year 2000, in microseconds. */
const epochMs = Date.UTC(2000, 0, 1);

const formats: { readonly [TType in keyof Values]: Format<Values[TType]> } = {
  text: {
    oid: 25,
    size: (value) => Buffer.byteLength(value),
    write: (bytes, at, value) => bytes.write(value, at),
  },
  timestamptz: {
    oid: 1184,
    size: () => 8,
    write: (bytes, at, value) => bytes.writeBigInt64BE(BigInt(value.getTime() - epochMs) * 1_000n, at),
  },
  float8: { oid: 701, size: () => 8, write: (bytes, at, value) => bytes.writeDoubleBE(value, at) },
  integer: { oid: 23, size: () => 4, write: (bytes, at, value) => bytes.writeInt32BE(value, at) },
  boolean: { oid: 16, size: () => 1, write: (bytes, at, value) => bytes.writeUInt8(value ? 1 : 0, at) },
};

const headerBytes = 20;
const lengthBytes = 4;
/** The length of what is null. */
const nullLength = -1;

/**
 * One column of many rows as an array parameter, for `unnest`. It goes in Postgres' binary format, which both drivers send as it
 * is and of which the engine has nothing to parse: parsing text took the embedded one most of the time of an import. Numbers
 * that are not finite count as unknown, as in JSON.
 *
 * The format: how many dimensions, whether there are nulls, the elements' type, their count and first index; then each element's
 * length and bytes (`array_recv` in
 * https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/utils/adt/arrayfuncs.c).
 */
export function arrayColumn<TRow, TType extends keyof Values>(
  rows: readonly TRow[],
  type: TType,
  read: (row: TRow) => Values[TType] | null,
): RawBuilder<unknown> {
  const format: Format<Values[TType]> = formats[type];
  return sql`cast(${toBinaryArray(rows.map(read).map(finiteOrNull), format)} as ${sql.raw(`${type}[]`)})`;
}

function toBinaryArray<TValue>(values: readonly (TValue | null)[], format: Format<TValue>): Buffer {
  const size = values.reduce<number>(
    (sum, value) => sum + lengthBytes + (value === null ? 0 : format.size(value)),
    headerBytes,
  );
  const bytes = Buffer.allocUnsafe(size);
  for (const [index, field] of [1, values.includes(null) ? 1 : 0, format.oid, values.length, 1].entries()) {
    bytes.writeInt32BE(field, index * 4);
  }
  let at = headerBytes;
  for (const value of values) {
    const length = value === null ? nullLength : format.size(value);
    bytes.writeInt32BE(length, at);
    at += lengthBytes;
    if (value === null) continue;
    format.write(bytes, at, value);
    at += length;
  }
  return bytes;
}

function finiteOrNull<TValue>(value: TValue): TValue | null {
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}
