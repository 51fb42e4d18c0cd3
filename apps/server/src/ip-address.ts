import ipaddr from "ipaddr.js";

/** The one spelling of an IP address, with an IPv4-mapped IPv6 address as IPv4; undefined for anything else. */
export function normaliseIpAddress(text: string): string | undefined {
  return isIpAddress(text) ? ipaddr.process(text).toString() : undefined;
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
