import { isIPv4, isIPv6 } from "node:net";

/**
 * The network that an address belongs to, as text to compare with others: of IPv4 the first octets, 4 being the address
 * itself; of IPv6 the first 64 bits, within which one customer has all addresses (RFC 6177). An IPv4 address that is
 * written as IPv6 (RFC 4291, 2.5.5.2) is that IPv4 address.
 */
export function networkOf(ip: string | undefined | null, ipv4Octets: 3 | 4): string {
  const address = (ip ?? "").replace(/%.*$/, "");
  if (isIPv4(address)) return firstOctets(address.split("."), ipv4Octets);
  if (!isIPv6(address)) return "unknown";
  const groups = expand(address);
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") {
    const octets = groups.slice(6).flatMap((group) => toOctets(Number.parseInt(group, 16)));
    return firstOctets(octets, ipv4Octets);
  }
  return groups.slice(0, 4).join(":");
}

function firstOctets(octets: readonly (string | number)[], count: number): string {
  return octets.slice(0, count).join(".");
}

function toOctets(group: number): [number, number] {
  return [group >> 8, group & 0xff];
}

/** The eight groups of an IPv6 address, without leading zeros. */
function expand(address: string): string[] {
  // The URL parser knows every spelling and writes one of them (RFC 5952).
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = "", after] = canonical
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  if (after === undefined) return [...before];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => "0"), ...after];
}
