import { concatBytes } from "../bytes.ts";
import { MalformedError } from "../malformed-error.ts";

/** Bytes of the largest entry: its length is written as 16 bits. */
export const entryBytesMax = 65_535;

/** Entries as they are served: each after its length, 16 bits big-endian (C2SP tlog-tiles). */
export function formatEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...entries.flatMap((entry) => {
      if (entry.length > entryBytesMax) throw new RangeError("The entry is larger than the log can have.");
      return [Uint8Array.of(entry.length >> 8, entry.length & 255), entry];
    }),
  );
}

/** @throws MalformedError when the bundle ends within an entry */
export function parseEntryBundle(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  let offset = 0;
  while (offset < bundle.length) {
    const start = offset + 2;
    const end = start > bundle.length ? Number.POSITIVE_INFINITY : start + view.getUint16(offset);
    if (end > bundle.length) throw new MalformedError("The bundle ends within an entry.");
    entries.push(bundle.slice(start, end));
    offset = end;
  }
  return entries;
}
