import { BlockList, isIPv4, isIPv6 } from "node:net";

/**
 * IPv4 networks that are not the public internet, or lead out of it by a detour: the special-purpose registry
 * (https://www.iana.org/assignments/iana-ipv4-special-registry), and multicast.
 */
const specialIPv4 = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // shared by customers of a carrier (CGNAT); Alibaba's metadata
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local; metadata of most clouds
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments; Oracle's metadata
  "192.0.2.0/24", // documentation
  "192.31.196.0/24", // AS112
  "192.52.193.0/24", // multicast tunnels (AMT)
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "192.175.48.0/24", // AS112
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
  "168.63.129.16/32", // Azure's host, from inside of its machines
];

/**
 * Of IPv6 only 2000::/3 is given out as public (https://www.iana.org/assignments/ipv6-unicast-address-assignments). What is
 * outside of it is refused as a whole: loopback, mapped IPv4, NAT64, unique local, link-local, multicast and whatever comes.
 */
const globalIPv6 = ["2000::/3"];

/** Within 2000::/3, what is special (https://www.iana.org/assignments/iana-ipv6-special-registry). */
const specialIPv6 = [
  "2001::/23", // protocol assignments: Teredo, ORCHID, benchmarks
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4, which has an IPv4 address inside
  "2620:4f:8000::/48", // AS112
  "3fff::/20", // documentation
];

const refusedIPv4 = blockList(specialIPv4, "ipv4");
const allowedIPv6 = blockList(globalIPv6, "ipv6");
const refusedIPv6 = blockList(specialIPv6, "ipv6");

/**
 * Whether an address is one that anybody on the internet may be reached at. Whatever is no plain IPv4 or IPv6 address is not,
 * also one with a zone.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !refusedIPv4.check(address, "ipv4");
  if (!isIPv6(address) || address.includes("%")) return false;
  return allowedIPv6.check(address, "ipv6") && !refusedIPv6.check(address, "ipv6");
}

function blockList(networks: readonly string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
