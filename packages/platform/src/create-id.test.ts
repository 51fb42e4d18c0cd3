import fc from "fast-check";
import { validate, version } from "uuid";
import { expect, it } from "vitest";
import { createIdGenerator, gatherBytes } from "./create-id.ts";

/** Random bytes at their largest first, then at their smallest: the worst case for ids that have to increase. */
function adverseRandomBytes(): (size: number) => Uint8Array {
  let byte = 0xff;
  return (size) => {
    const bytes = new Uint8Array(size).fill(byte);
    byte = 0;
    return bytes;
  };
}

it("makes ids that increase strictly, also when the clock stands still or steps back", () => {
  const moments = fc.array(fc.integer({ min: 1, max: 2 ** 47 }), { minLength: 2, maxLength: 50 });
  fc.assert(
    fc.property(moments, (times) => {
      let call = 0;
      const clock = () => new Date(times[call++] ?? 0);
      const createId = createIdGenerator({ clock, randomBytes: adverseRandomBytes() });
      const ids = times.map(() => createId());
      expect(ids.toSorted()).toEqual(ids);
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

it("makes a hundred thousand increasing ids within one millisecond", () => {
  const createId = createIdGenerator({ clock: () => new Date(1), randomBytes: adverseRandomBytes() });
  let previous = "";
  for (let count = 0; count < 100_000; count += 1) {
    const id = createId();
    if (id <= previous) throw new Error(`${id} does not come after ${previous}.`);
    previous = id;
  }
});

it("makes UUIDs of version 7 that carry the moment", () => {
  const moment = new Date("2026-01-15T12:00:00.000Z");
  const id = createIdGenerator({ clock: () => moment, randomBytes: adverseRandomBytes() })();
  expect(validate(id) && version(id)).toBe(7);
  expect(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(moment.getTime());
});

it("gives away each random byte once, however many are asked for", () => {
  let next = 0;
  const source = (size: number) => Uint8Array.from({ length: size }, () => next++ % 251);
  const random = gatherBytes(source);
  // Whatever is left of what was gathered when more is asked for is not given away at all.
  const sizes = [16, 1, 4_000, 100, 5_000, 16];
  const given = sizes.map((size) => random(size));
  expect(given.map(({ length }) => length)).toEqual(sizes);
  expect(Array.from(given[0] ?? []).concat(...(given[1] ?? []))).toEqual(
    Array.from({ length: 17 }, (_, byte) => byte),
  );
  const places = given.map(({ buffer, byteOffset, length }) => ({
    buffer,
    from: byteOffset,
    to: byteOffset + length,
  }));
  for (const [index, one] of places.entries()) {
    for (const other of places.slice(index + 1)) {
      expect(one.buffer !== other.buffer || one.to <= other.from || other.to <= one.from).toBe(true);
    }
  }
});
