import { AppError } from "../errors/app-error.ts";
import { networkOf } from "../limits/ip-network.ts";

/** How many streams may be open at once in one process. */
export interface StreamLimits {
  /** All together, so that connections are left for requests. */
  readonly total: number;
  readonly perOwner: number;
  /** Or per /64 of IPv6. */
  readonly perAddress: number;
}

/** A tenth of what a server has connections for stays free for requests at least. */
export const defaultStreamLimits: StreamLimits = { total: 4_000, perOwner: 20, perAddress: 100 };

/** Whose stream it is. */
interface StreamHolder {
  /** Undefined for a connection that nobody has signed in on yet. */
  readonly owner_id: string | undefined;
  /** Undefined for a stream in process. */
  readonly ip: string | undefined;
}

/** Counts the open streams of a process. */
export interface StreamSlots {
  /**
   * Takes a place for a stream.
   *
   * @returns what gives it back
   * @throws AppError TOO_MANY_STREAMS, SERVER_OVERLOADED
   */
  take(holder: StreamHolder): () => void;
}

export function createStreamSlots({ total, perOwner, perAddress }: StreamLimits): StreamSlots {
  const owners = new Map<string, number>();
  const addresses = new Map<string, number>();
  let open = 0;
  return {
    take: ({ owner_id, ip }) => {
      const address = ip === undefined ? undefined : networkOf(ip, 4);
      if (owner_id !== undefined && (owners.get(owner_id) ?? 0) >= perOwner) {
        throw new AppError("TOO_MANY_STREAMS", { of: "account", streams_max: perOwner });
      }
      if (address !== undefined && (addresses.get(address) ?? 0) >= perAddress) {
        throw new AppError("TOO_MANY_STREAMS", { of: "address", streams_max: perAddress });
      }
      if (open >= total) throw new AppError("SERVER_OVERLOADED", undefined);
      open += 1;
      if (owner_id !== undefined) add(owners, owner_id, 1);
      if (address !== undefined) add(addresses, address, 1);
      let isGivenBack = false;
      return () => {
        if (isGivenBack) return;
        isGivenBack = true;
        open -= 1;
        if (owner_id !== undefined) add(owners, owner_id, -1);
        if (address !== undefined) add(addresses, address, -1);
      };
    },
  };
}

/** Keeps nothing for those who have none. */
function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
