import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { isPublicAddress } from "./public-address.ts";
import { judgeTarget } from "./target.ts";

/** Networks that nothing may be sent to, with what would answer there. */
const networks: readonly (readonly [network: string, what: string])[] = [
  ["0.0.0.0/8", "this host"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "a carrier's customers"],
  ["100.100.100.200/32", "Alibaba's metadata"],
  ["127.0.0.0/8", "this host"],
  ["168.63.129.16/32", "Azure's host"],
  ["169.254.0.0/16", "link-local"],
  ["169.254.169.254/32", "metadata of most clouds"],
  ["169.254.170.2/32", "credentials of Amazon's containers"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "protocol assignments"],
  ["192.0.0.192/32", "Oracle's metadata"],
  ["192.0.2.0/24", "documentation"],
  ["192.88.99.0/24", "6to4 relays"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "benchmarks"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved"],
  ["255.255.255.255/32", "broadcast"],
];

/** IPv6 addresses that nothing may be sent to. */
const addresses6: readonly (readonly [address: string, what: string])[] = [
  ["::", "this host"],
  ["::1", "this host"],
  ["fc00::1", "unique local"],
  ["fd00:ec2::254", "Amazon's metadata"],
  ["fd20:ce::254", "Google's metadata"],
  ["fe80::1", "link-local"],
  ["fec0::1", "site-local"],
  ["ff02::1", "multicast"],
  ["100::1", "discarded"],
  ["5f00::1", "segment routing"],
  ["4000::1", "not given out"],
  ["2001::1", "Teredo"],
  ["2001:2::1", "benchmarks"],
  ["2001:20::1", "ORCHID"],
  ["2001:db8::1", "documentation"],
  ["3fff::1", "documentation"],
];

/** Ways in which an IPv4 address is hidden in an IPv6 one. */
const embeddings: Readonly<Record<string, (high: string, low: string) => string>> = {
  "mapped (RFC 4291)": (high, low) => `::ffff:${high}:${low}`,
  "compatible (RFC 4291)": (high, low) => `::${high}:${low}`,
  "translated (RFC 2765)": (high, low) => `::ffff:0:${high}:${low}`,
  "NAT64 (RFC 6052)": (high, low) => `64:ff9b::${high}:${low}`,
  "local NAT64 (RFC 8215)": (high, low) => `64:ff9b:1::${high}:${low}`,
  "6to4 (RFC 3056)": (high, low) => `2002:${high}:${low}::1`,
  "Teredo server (RFC 4380)": (high, low) => `2001:0:${high}:${low}::`,
  "ISATAP, link-local (RFC 5214)": (high, low) => `fe80::5efe:${high}:${low}`,
};

/** Ways in which a URL may spell an IPv4 address. */
const spellings: Readonly<Record<string, (octets: readonly number[], value: number) => string>> = {
  dotted: (octets) => octets.join("."),
  "with a dot at the end": (octets) => `${octets.join(".")}.`,
  decimal: (_octets, value) => String(value),
  hexadecimal: (_octets, value) => `0x${value.toString(16)}`,
  octal: (octets) => octets.map((octet) => `0${octet.toString(8)}`).join("."),
  "hexadecimal octets": (octets) => octets.map((octet) => `0x${octet.toString(16)}`).join("."),
  "three parts": ([a = 0, b = 0, c = 0, d = 0]) => `${a}.${b}.${c * 256 + d}`,
  "two parts": ([a = 0, ...rest]) => `${a}.${rest.reduce((sum, octet) => sum * 256 + octet, 0)}`,
  "percent-encoded": (octets) =>
    [...octets.join(".")].map((sign) => `%${sign.charCodeAt(0).toString(16)}`).join(""),
  "full-width": (octets) =>
    [...octets.join(".")]
      .map((sign) => (sign === "." ? "。" : String.fromCharCode(sign.charCodeAt(0) + 0xfee0)))
      .join(""),
};

function toOctets(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
}

/** The first, the last and one address in between of a network. */
function sample(network: string): number[] {
  const [address = "", prefix = "32"] = network.split("/");
  const first = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(prefix));
  return [...new Set([first, first + Math.floor(size / 3), first + size - 1])];
}

describe.each(networks)("%s, %s", (network) => {
  it.each(Object.entries(spellings))("is refused in a URL, %s", (_name, spell) => {
    for (const value of sample(network)) {
      const url = new URL(`https://${spell(toOctets(value), value)}/`);
      expect([url.hostname, judgeTarget(url, "public")]).toEqual([toOctets(value).join("."), "address"]);
    }
  });

  it.each(Object.entries(embeddings))("is refused inside of an IPv6 address, %s", (_name, embed) => {
    for (const value of sample(network)) {
      const address = embed((value >>> 16).toString(16), (value & 0xffff).toString(16));
      expect([address, isPublicAddress(address)]).toEqual([address, false]);
      expect(judgeTarget(new URL(`https://[${address}]/`), "public")).toBe("address");
    }
  });
});

it.each(addresses6)("refuses %s, %s", (address) => {
  expect(isPublicAddress(address)).toBe(false);
  expect(judgeTarget(new URL(`https://[${address}]:8443/`), "public")).toBe("address");
});

it.each([
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:4001:80b::200e",
])("lets %s be sent to", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

it("takes nothing for an address that is none", () => {
  for (const text of [
    "",
    "localhost",
    "127.1",
    "1.1.1.1 ",
    "2606:4700::1111%eth0",
    "fe80::1%1",
    "1.1.1.1/32",
  ]) {
    expect([text, isPublicAddress(text)]).toEqual([text, false]);
  }
});

it("finds nothing public that another library does not take for ordinary", () => {
  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    groups.map(([_first, ...rest]) => [0x2001, ...rest].map((group) => group.toString(16)).join(":")),
  );
  fc.assert(
    fc.property(address, (text) => {
      if (isPublicAddress(text)) expect([text, ipaddr.parse(text).range()]).toEqual([text, "unicast"]);
    }),
    { numRuns: 2_000 },
  );
});

it("judges scheme and port before anybody is asked", () => {
  const judge = (url: string, rules: "public" | "any" = "public") => judgeTarget(new URL(url), rules);
  expect(judge("http://example.org/")).toBe("scheme");
  expect(judge("ftp://example.org/", "any")).toBe("scheme");
  expect(judge("https://example.org:22/")).toBe("port");
  expect(judge("https://example.org:80/")).toBe("port");
  for (const url of ["https://example.org/", "https://example.org:443/", "https://example.org:8443/"]) {
    expect([url, judge(url)]).toEqual([url, undefined]);
  }
  expect(judge("http://localhost:9000/", "any")).toBeUndefined();
});
