import { networkOf } from "@obsqra/platform";

/** Where a session was begun. */
export interface Device {
  readonly ip: string | null;
  /** The device, as it describes itself. */
  readonly user_agent: string | null;
}

/**
 * What a device is recognised by: the kind of program, whatever its version, and its network, the first 24 bits of IPv4 or
 * 64 of IPv6. Nothing is stored on the device itself.
 */
export function recognitionKey({ ip, user_agent }: Device): string {
  // Programs update themselves.
  const program = user_agent?.replace(/\d+(?:[._]\d+)*/g, "");
  return JSON.stringify([networkOf(ip, 3), program]);
}
