import type { PGliteOptions } from "@electric-sql/pglite";

/** The type `bytea`, by its number in every Postgres. */
const bytea = 17;

/**
 * Writes and reads bytes by Node's own means. PGlite makes a string for each byte, which took a heap of 200 MB for a model
 * of 2 MB. Bytes come as a Buffer, as from `pg`.
 */
export const pgliteTypes: Pick<PGliteOptions, "parsers" | "serializers"> = {
  parsers: { [bytea]: (text) => Buffer.from(text.slice(2), "hex") },
  serializers: {
    [bytea]: (value: Uint8Array) =>
      `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}`,
  },
};
