import { createHash } from "node:crypto";
import { endianness } from "node:os";
import type { MarketSeries } from "../panel/market-series.ts";
import { byMarketId } from "../panel/market-series.ts";

/** Lower-case hex SHA-256. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * SHA-256 of everything a model could learn from: markets in order of id; of each, a JSON line of its
 * identity and length, then its arrays as little-endian bytes (days as 32-bit integers, frozen as bytes, the
 * rest as 64-bit floats with one canonical NaN). Independent of the order of the panel.
 */
export function panelSha256(panel: readonly MarketSeries[]): string {
  const hash = createHash("sha256");
  for (const series of [...panel].sort(byMarketId)) {
    const { market_id, protocol, kind, audit_score, launched_day } = series;
    const length = series.days.length;
    hash.update(`${canonicalJson({ market_id, protocol, kind, audit_score, launched_day, length })}\n`);
    hash.update(littleEndian(Int32Array.from(series.days), 4));
    for (const column of [
      series.apy,
      series.apy_base,
      series.apy_reward,
      series.tvl_usd,
      series.utilization,
    ]) {
      hash.update(floatBytes(column));
    }
    hash.update(series.frozen);
  }
  return hash.digest("hex");
}

/** Values as little-endian 64-bit floats; every NaN as the same bits. */
export function floatBytes(values: Float64Array): Uint8Array {
  return littleEndian(
    Float64Array.from(values, (value) => (Number.isNaN(value) ? Number.NaN : value)),
    8,
  );
}

/** The inverse of {@link floatBytes}. */
export function floatsFromBytes(bytes: Uint8Array): Float64Array {
  // A copy of its own: Buffer.slice would be a view into a larger, unaligned buffer.
  const values = new Float64Array(new Uint8Array(bytes).buffer);
  littleEndian(values, 8);
  return values;
}

/** JSON with object keys sorted at every level and no spaces: one text per value. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}

/** The bytes of a fresh array that the caller gives away, swapped in place where the machine is big-endian. */
function littleEndian(values: Int32Array | Float64Array, cellBytes: 4 | 8): Uint8Array {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  if (endianness() === "LE") return bytes;
  return cellBytes === 4 ? bytes.swap32() : bytes.swap64();
}
