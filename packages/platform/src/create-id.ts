import { v7 } from "uuid";

/** Makes ids that sort by time. */
export type CreateId = () => string;

/** As many random bytes as are asked for at once. */
const gatheredBytes = 4_096;

/**
 * A random source that asks the given one for many bytes at once, which takes hardly longer than for a few, and gives each of them
 * away once. For ids, which are no secrets.
 */
export function gatherBytes(randomBytes: (size: number) => Uint8Array): (size: number) => Uint8Array {
  let bytes: Uint8Array = new Uint8Array();
  let given = 0;
  return (size) => {
    if (given + size > bytes.length) {
      bytes = randomBytes(Math.max(size, gatheredBytes));
      given = 0;
    }
    given += size;
    return bytes.subarray(given - size, given);
  };
}

/**
 * UUID version 7 (RFC 9562) from the given clock and random source. Ids of one process are strictly increasing, also
 * within one millisecond or when the clock steps back, so that "newest first" by id is the order of creation.
 */
export function createIdGenerator(source: {
  readonly clock: () => Date;
  readonly randomBytes: (size: number) => Uint8Array;
}): CreateId {
  let msecs = 0;
  let seq = 0;
  return () => {
    const now = source.clock().getTime();
    if (now > msecs) {
      msecs = now;
      seq = 0;
    } else {
      seq += 1;
    }
    return v7({ msecs, seq, random: source.randomBytes(16) });
  };
}
