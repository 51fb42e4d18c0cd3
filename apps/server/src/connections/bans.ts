import type { Socket } from "node:net";
import { networkOf } from "@obsqra/platform";

/** Addresses whose connections are closed at once, for a while. */
export interface Bans {
  has(network: string): boolean;
  /** Closes a connection, and for some seconds each new one of its address; not of a trusted proxy, which has many callers. */
  cutOff(socket: Socket): void;
}

const banMs = 10_000;

/** @param isTrustedProxy whether an address is that of a proxy, whose connections are those of many callers */
export function createBans(isTrustedProxy: (address: string) => boolean): Bans {
  /** In the milliseconds of `performance.now`. */
  const bannedUntil = new Map<string, number>();
  return {
    has: (network) => (bannedUntil.get(network) ?? 0) > performance.now(),
    cutOff(socket) {
      const { remoteAddress = "" } = socket;
      if (remoteAddress !== "" && !isTrustedProxy(remoteAddress)) {
        const now = performance.now();
        for (const [other, until] of bannedUntil) if (until <= now) bannedUntil.delete(other);
        bannedUntil.set(networkOf(remoteAddress, 4), now + banMs);
      }
      socket.destroy();
    },
  };
}
