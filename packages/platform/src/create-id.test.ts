import fc from "fast-check";
import { validate, version } from "uuid";
import { expect, it } from "vitest";
import { createIdGenerator } from "./create-id.ts";

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
