import { sha256 } from "#sha256";
import type { MarketSeries } from "../panel/market-series.ts";
import { byMarketId } from "../panel/market-series.ts";

/** Lower-case hex SHA-256 of some bytes, one part after the other. */
export function sha256Hex(...parts: readonly Uint8Array[]): string {
  return Array.from(sha256(...parts), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * SHA-256 of everything a model could learn from: markets in order of id; of each, a JSON line of its
 * identity and length, then its arrays as little-endian bytes (days as 32-bit integers, frozen as bytes, the
 * rest as 64-bit floats with one canonical NaN). Independent of the order of the panel.
 */
export function panelSha256(panel: readonly MarketSeries[]): string {
  return sha256Hex(...panelBytes(panel));
}

/** The bytes that {@link panelSha256} is of, part by part, for whoever does not want to wait for all of them. */
export function* panelBytes(panel: readonly MarketSeries[]): Generator<Uint8Array> {
  for (const series of [...panel].sort(byMarketId)) yield* bytesOf(series);
}

function bytesOf(series: MarketSeries): Uint8Array[] {
  const { market_id, protocol, kind, audit_score, launched_day } = series;
  const length = series.days.length;
  const columns = [series.apy, series.apy_base, series.apy_reward, series.tvl_usd, series.utilization];
  return [
    utf8(`${canonicalJson({ market_id, protocol, kind, audit_score, launched_day, length })}\n`),
    littleEndian(Int32Array.from(series.days)),
    ...columns.map(floatBytes),
    series.frozen,
  ];
}

/** Values as little-endian 64-bit floats; every NaN as the same bits. */
export function floatBytes(values: Float64Array): Uint8Array {
  return littleEndian(Float64Array.from(values, (value) => (Number.isNaN(value) ? Number.NaN : value)));
}

/** The inverse of {@link floatBytes}. */
export function floatsFromBytes(bytes: Uint8Array): Float64Array {
  // A copy of its own, which is aligned.
  const values = new Float64Array(new Uint8Array(bytes).buffer);
  littleEndian(values);
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

/** A text's bytes. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes of a fresh array that the caller gives away, swapped in place where the machine is big-endian. */
function littleEndian(values: Int32Array | Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (isLittleEndian) return bytes;
  const { BYTES_PER_ELEMENT: width } = values;
  for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse();
  return bytes;
}
