import { expect, it } from "vitest";
import { networkOf } from "./ip-network.ts";

it.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["::FFFF:cb00:7107", "203.0.113.7"],
  ["0:0:0:0:0:ffff:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2::", "2001:db8:1:2"],
  ["2001:0DB8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["1:2:3:4:5:6:7::", "1:2:3:4"],
  ["not an address", "unknown"],
  ["", "unknown"],
  [undefined, "unknown"],
])("counts %s as %s", (ip, network) => {
  expect(networkOf(ip, 4)).toBe(network);
});

it("takes neighbours of IPv4 for one network where it is asked to", () => {
  expect(networkOf("203.0.113.7", 3)).toBe(networkOf("::ffff:203.0.113.250", 3));
  expect(networkOf("203.0.113.7", 3)).not.toBe(networkOf("203.0.114.7", 3));
});
