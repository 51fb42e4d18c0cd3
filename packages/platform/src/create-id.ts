import { v7 } from "uuid";

/** Makes ids that sort by time. */
export type CreateId = () => string;

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
