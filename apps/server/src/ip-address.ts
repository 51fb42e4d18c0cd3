import ipaddr from "ipaddr.js";

/**
 * The one spelling of an IP address, with an IPv4-mapped IPv6 address as IPv4; undefined for anything else. Proxies write some
 * with a port, in brackets or in quotes (RFC 7239, 6).
 */
export function normaliseIpAddress(text: string): string | undefined {
  const address = withoutPort(text.trim());
  // Nothing of it could be written in another way.
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return address;
  return isIpAddress(address) ? ipaddr.process(address).toString() : undefined;
}

/** `1.2.3.4:5678`, `[2001:db8::1]:5678` and `[2001:db8::1]`; IPv6 without brackets has no port. */
function withoutPort(text: string): string {
  const [, bracketed, ipv4] =
    /^"?(?:\[([0-9a-f.]*:[0-9a-f:.]*)\](?::[0-9]+)?|([0-9.]+):[0-9]+)"?$/i.exec(text) ?? [];
  return bracketed ?? ipv4 ?? text;
}

/** As many addresses as a matcher remembers, and as long as one may be. */
const rememberedMax = 1_000;
const addressLengthMax = 45;

/**
 * Tells whether an address is one of the given addresses, or in one of the networks. It remembers what it has said: of each request,
 * the host asks at least twice about the proxy that it comes from.
 */
export function createAddressMatcher(addressesAndNetworks: readonly string[]): (text: string) => boolean {
  const networks = addressesAndNetworks.map(toNetwork);
  const remembered = new Map<string, boolean>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const isMatch = isInOneOf(networks, text);
    if (remembered.size >= rememberedMax) remembered.clear();
    if (text.length <= addressLengthMax) remembered.set(text, isMatch);
    return isMatch;
  };
}

function isInOneOf(networks: readonly Network[], text: string): boolean {
  const normalised = normaliseIpAddress(text);
  if (normalised === undefined) return false;
  const address = ipaddr.parse(normalised);
  return networks.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  );
}

type Network = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

/** An address is a network of its own; IPv4 written as IPv6 is IPv4. */
function toNetwork(text: string): Network {
  if (!text.includes("/")) {
    const address = ipaddr.process(text);
    return [address, address.kind() === "ipv4" ? 32 : 128];
  }
  const [address, bits] = ipaddr.parseCIDR(text);
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96;
  return isMapped ? [address.toIPv4Address(), bits - 96] : [address, bits];
}

/** Whether a text is an address, or a network such as 10.1.0.0/16. The network of all addresses does not count as one. */
export function isIpAddressOrNetwork(text: string): boolean {
  if (isIpAddress(text)) return true;
  const isNetwork = ipaddr.IPv4.isValidCIDRFourPartDecimal(text) || ipaddr.IPv6.isValidCIDR(text);
  return isNetwork && !/\/0+$/.test(text);
}

/** Without the spellings of IPv4 that leave out dots or count in octal or hexadecimal. */
function isIpAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}
