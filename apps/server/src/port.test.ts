import { expect, it } from "vitest";
import { addressToListenOn } from "./port.ts";

it("listens on one address of localhost, so that no second server is without limits, and wherever else it is told to", () => {
  expect(addressToListenOn("localhost")).toBe("127.0.0.1");
  for (const host of ["0.0.0.0", "::", "::1", "api.example.org"]) expect(addressToListenOn(host)).toBe(host);
});
